package import CanonicalJSON
import Digests
import Merkle
import Phrases
import Records

/// The parts of a scrub's state, each as JSON and back.
extension JSONValue {
    func time(_ name: String) -> Timestamp? {
        self[name]?.string.flatMap { Timestamp(fixed: $0) }
    }

    func number(_ name: String) -> UInt64? {
        self[name]?.integer.flatMap { UInt64(exactly: $0) }
    }

    func digest(_ name: String) -> Digest? {
        self[name]?.string.flatMap { Digest(hex: $0) }
    }

    /// Nil if one is not a finding.
    var findings: [Finding]? {
        guard let list = self["findings"]?.array else { return nil }
        let findings = list.compactMap(Finding.init)
        return findings.count == list.count ? findings : nil
    }

    var notes: [AuditNote] { (self["notes"]?.array ?? []).compactMap(AuditNote.init) }
}

extension Finding {
    init?(_ json: JSONValue) {
        guard let code = json["code"]?.string.flatMap(FindingCode.init),
            let expected = json["expected"]?.string, let found = json["found"]?.string
        else { return nil }
        self.init(
            code, seq: json.number("seq"), through: json.number("through"),
            file: json["file"]?.string, offset: json["offset"]?.integer.map { Int($0) },
            expected: expected, found: found)
    }
}

extension AuditNote {
    init?(_ json: JSONValue) {
        guard let code = json["code"]?.string, let en = json["en"]?.string,
            let zh = json["zh"]?.string
        else { return nil }
        self.init(code, en: en, zh: zh)
    }

    package var json: JSONValue {
        ["code": .string(code), "en": .string(phrase.en), "zh": .string(phrase.zh)]
    }
}

extension Facts.Stub {
    init?(_ json: JSONValue) {
        guard let ordinal = json.number("seq"), let leaf = json.digest("leafHash"),
            let offset = json["offset"]?.integer, let file = json["file"]?.string
        else { return nil }
        self.init(ordinal: ordinal, leafHash: LeafHash(leaf), offset: Int(offset), file: file)
    }

    var json: JSONValue {
        [
            "file": .string(file), "leafHash": .string(leafHash.digest.hex),
            "offset": .integer(Int64(offset)), "seq": .integer(Int64(clamping: ordinal)),
        ]
    }
}

extension IndexDifference {
    init?(_ json: JSONValue) {
        guard let path = json["file"]?.string,
            let file = IndexFile.all.first(where: { $0.path == path }),
            let index = json.number("index"), let expected = json["expected"]?.string,
            let found = json["found"]?.string
        else { return nil }
        self.init(file: file, index: index, expected: expected, found: found)
    }

    var json: JSONValue {
        [
            "expected": .string(expected), "file": .string(file.path), "found": .string(found),
            "index": .integer(Int64(clamping: index)),
        ]
    }
}

extension IndexFile {
    static let all = [IndexFile.offsets] + (0...levelMax).map(IndexFile.level)
}
