import CanonicalJSON
import Checkpoints
import Phrases

/// What the first record says of origin and keys.
struct Identity {
    var origin: String?
    var keys: [VerifierKey] = []
}

extension Identity {
    /// The newest record format that is understood; older ones are for ever.
    static let formatMax: Int64 = 1

    /// What record 0 says of itself; nothing if it cannot be read.
    init(_ list: SegmentList, _ records: any RecordReader) throws(SourceError) {
        self.init()
        guard let first = list.segments.first else { return }
        let buffer = LineBuffer(chunkByteCount: 1)
        let piece = Piece(segment: first, from: 0, to: min(1, first.byteCount))
        guard let offset = try buffer.load(piece, records) else { return }
        let line = Array(try buffer.line(at: offset, of: piece, records).bytes)
        let record = try? JSONValue(parsing: line)
        guard let data = record?["event"]?["data"] else { return }
        let versions = [record?["chain"]?["v"]?.integer, data["format"]?.integer]
        if let version = versions.compactMap(\.self).max(), version > Identity.formatMax {
            throw SourceError(
                first.file,
                Phrase(
                    en: "the ledger has record format \(version); this program knows "
                        + "\(Identity.formatMax). Use a newer version of hanqing",
                    zh: "账本的记录格式为 \(version)，本程序只认识 \(Identity.formatMax)；请使用更新版本的 hanqing"))
        }
        origin = data["origin"]?.string
        keys = (data["keys"]?.array ?? []).compactMap(\.string)
            .compactMap { try? VerifierKey($0) }
    }
}

/// That the ledger begins as Specs/record.md section 5 demands.
struct GenesisCheck {
    let origin: Origin?
    /// Records that are signed; nil if nothing is.
    let size: UInt64?
    let list: SegmentList

    /// `own` are the ledger's own records among the first `count`; what is `known` of records 0
    /// and 1 is not said twice.
    func findings(_ own: [OwnRecord], count: UInt64, known: [Finding]) -> [Finding] {
        guard count > 0, list.segments.first?.first == 0 else {
            guard size ?? 1 > 0, count == 0 else { return [] }
            return [Finding(.genesisWrong, seq: 0, expected: "records 0 and 1", found: "none")]
        }
        var findings: [Finding] = []
        for ordinal: UInt64 in 0...1 {
            let isThere = own.contains { $0.ordinal == ordinal }
            let isKnown = known.contains { $0.seq == ordinal && $0.code != .linkBroken }
            guard !isThere, !isKnown else { continue }
            findings.append(
                Finding(
                    .genesisWrong, seq: ordinal, file: list.segments.first?.file,
                    expected: "a record of the ledger's own", found: "none"))
        }
        if let created = own.first(where: { $0.type == "ledger.created" }), let origin,
            created.data["origin"]?.string != origin.text
        {
            findings.append(
                Finding(
                    .genesisWrong, seq: created.ordinal, file: created.file,
                    offset: created.offset, expected: "origin \(origin)",
                    found: created.data["origin"]?.string ?? "none"))
        }
        return findings
    }
}
