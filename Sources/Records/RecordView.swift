package import CanonicalJSON
import Digests
package import Merkle
package import Phrases

/// A record read from its line; it borrows the reader's memory as ``JSONView`` does.
package struct RecordView {
    package let prev: LeafHash
    package let recorded: Timestamp
    package let sequence: SequenceNumber
    package let event: JSONView
    package let attributes: RecordAttributes
    package let batch: BatchPlace?
    /// Its text, as it stands in the line.
    package let recorder: UnsafeRawBufferPointer
    package let revision: Revision

    /// Reads a record; `root` is what ``JSONReader`` made of the whole line.
    ///
    /// It demands every rule of Specs/record.md that one line can show by itself, except those of
    /// `event.data`.
    package init(_ root: JSONView) throws(RecordError) {
        guard root.isCanonicalDocument else { throw RecordError(.notCanonical) }
        var members = root.members
        guard root.kind == .object, root.count == 3, let chain = members.next(),
            chain.name.equals("chain"), let event = members.next(), event.name.equals("event"),
            let intake = members.next(), intake.name.equals("intake")
        else { throw RecordError(.wrongShape, "record") }
        self.event = event.value
        (prev, recorded, sequence) = try RecordView.chain(chain.value)
        (batch, recorder, revision) = try RecordView.intake(intake.value)
        attributes = try RecordAttributes(event.value)
    }

    private static func chain(
        _ chain: JSONView
    ) throws(RecordError) -> (LeafHash, Timestamp, SequenceNumber) {
        var members = chain.members
        guard chain.kind == .object, chain.count == 5,
            let prev = members.next(), prev.name.equals("prev"),
            let recorded = members.next(), recorded.name.equals("recorded"),
            let salt = members.next(), salt.name.equals("salt"),
            let seq = members.next(), seq.name.equals("seq"),
            let version = members.next(), version.name.equals("v")
        else { throw RecordError(.wrongShape, "chain") }
        guard let number = version.value.integer, number == RecordLayout.version else {
            throw RecordError(.newerVersion, version.value.kind == .number ? "v" : "chain.v")
        }
        var digest = Digest()
        guard digest.withUnsafeMutableBytes({ Hex.decode(prev.value.utf8, into: $0) }) else {
            throw RecordError(.wrongShape, "chain.prev")
        }
        guard let moment = Timestamp(fixed: recorded.value.utf8) else {
            throw RecordError(.wrongShape, "chain.recorded")
        }
        guard isSalt(salt.value.utf8) else { throw RecordError(.wrongShape, "chain.salt") }
        guard let sequence = seq.value.integer, sequence >= 0 else {
            throw RecordError(.wrongShape, "chain.seq")
        }
        return (LeafHash(digest), moment, SequenceNumber(UInt64(sequence)))
    }

    private static func intake(
        _ intake: JSONView
    ) throws(RecordError) -> (BatchPlace?, UnsafeRawBufferPointer, Revision) {
        var members = intake.members
        var batch: BatchPlace?
        guard intake.kind == .object, intake.count == 2 || intake.count == 3 else {
            throw RecordError(.wrongShape, "intake")
        }
        if intake.count == 3 {
            guard let place = members.next(), place.name.equals("batch"),
                let read = BatchPlace(place.value.utf8)
            else { throw RecordError(.wrongShape, "intake.batch") }
            batch = read
        }
        guard let recorder = members.next(), recorder.name.equals("recorder"),
            Recorder.isSound(recorder.value.utf8)
        else { throw RecordError(.wrongShape, "intake.recorder") }
        guard let revision = members.next(), revision.name.equals("revision"),
            let number = revision.value.integer, number >= 0
        else { throw RecordError(.wrongShape, "intake.revision") }
        // A sound recorder holds nothing that is escaped in a canonical string.
        return (batch, recorder.value.rawBytes, Revision(UInt64(number)))
    }

    package var source: JSONView { attributes.source }
    package var id: JSONView { attributes.id }
    package var type: JSONView { attributes.type }
    package var subject: JSONView { attributes.subject }

    /// 22 base64url characters whose last one holds only two bits.
    static func isSalt(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 22 else { return false }
        switch text[21] {
        case UInt8(ascii: "A"), UInt8(ascii: "Q"), UInt8(ascii: "g"), UInt8(ascii: "w"): break
        default: return false
        }
        return ByteSet.base64URL.contains(text)
    }
}

/// Why a line is no record.
package struct RecordError: Error, Hashable, Sendable {
    package enum Code: String, Sendable {
        case notCanonical = "not-canonical"
        case wrongShape = "wrong-shape"
        case newerVersion = "newer-version"
    }

    package let code: Code
    package let member: String

    package init(_ code: Code, _ member: String = "record") {
        (self.code, self.member) = (code, member)
    }

    package var phrase: Phrase {
        switch code {
        case .notCanonical:
            Phrase(en: "the line is not canonical JSON (RFC 8785)", zh: "该行不是规范形式的 JSON（RFC 8785）")
        case .wrongShape:
            Phrase(
                en: "\(member) is not as record format 1 demands",
                zh: "\(member) 不符合记录格式 1 的规定")
        case .newerVersion:
            Phrase(
                en: "the record has another format than 1; use a newer version of this program",
                zh: "记录格式不是 1，请使用更新版本的程序")
        }
    }
}

/// Through whom an event came in: `svc:<name>`, `cli:<name>`, `import:<name>` or `ledger`.
package enum Recorder {
    package static let ledger = "ledger"

    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.elementsEqual(ledger.utf8) { return true }
        guard text.count <= 127 else { return false }
        let start = starts(text, "svc:") ? 4 : starts(text, "cli:") ? 4 : 7
        guard start == 4 || starts(text, "import:"), text.count > start else { return false }
        return ByteSet.recorderName.contains(UnsafeRawBufferPointer(rebasing: text[start...]))
    }

    private static func starts(_ text: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard text.count >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where text[index] != word.utf8Start[index] {
            return false
        }
        return true
    }

    /// `kind:name`, what a recorder cannot hold replaced by a hyphen.
    package static func text(_ kind: String, _ name: String) -> String {
        let safe = name.utf8.prefix(100).map { byte in
            byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C ? byte : UInt8(ascii: "-")
        }
        return "\(kind):" + (safe.isEmpty ? "unknown" : String(decoding: safe, as: UTF8.self))
    }
}
