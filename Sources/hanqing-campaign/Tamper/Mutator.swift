import CanonicalJSON
import Foundation
import Merkle
import Records
import TestKit

/// Draws mutations of a sound ledger.
struct Mutator {
    let sound: SoundLedger
    private let batches: [ClosedRange<Int>]

    init(_ sound: SoundLedger) {
        self.sound = sound
        batches = sound.lines.indices.compactMap { place in
            guard let batch = sound.batch(place), batch.index == 1 else { return nil }
            return place...place + batch.count - 1
        }
    }

    /// The kinds that this ledger can have.
    var kinds: [Mutation.Kind] {
        Mutation.Kind.allCases.filter { kind in
            switch kind {
            case .stubEdited: !sound.clear.isEmpty
            case .batchHalved: !batches.isEmpty
            case .segmentsExchanged, .segmentCut: sound.segments.count > 2
            case .attachment: sound.files.keys.contains { $0.hasPrefix("attachments/") }
            default: true
            }
        }
    }

    /// Draws until something is not as it was.
    func draw(_ kind: Mutation.Kind, _ random: inout Seeded) throws -> Mutation {
        for _ in 0..<1000 {
            let mutation = try make(kind, &random)
            let isChanged = mutation.files.contains { $0.value != sound.files[$0.key] }
            if isChanged { return mutation }
        }
        throw CampaignError("a thousand draws of \(kind) changed nothing")
    }

    private func make(_ kind: Mutation.Kind, _ random: inout Seeded) throws -> Mutation {
        switch kind {
        case .flipBit: flip(&random)
        case .deleteLine, .swapLines, .repeatLine, .insertLine: moved(kind, &random)
        case .editNextLinked, .editAllLinked, .editAllLinkedKept, .editAllLinkedSigned:
            try edited(kind, &random)
        case .truncateInside, .truncateBetween: truncated(kind, &random)
        case .stubPutIn: stubPutIn(&random)
        case .stubEdited: stubEdited(&random)
        case .batchHalved: halved(&random)
        case .segmentCut, .segmentsExchanged, .segmentRenamed, .segmentMissing:
            segments(kind, &random)
        case .checkpointFlip: checkpointFlip(&random)
        case .checkpointPutBack: try checkpointPutBack(&random)
        case .catalogueFile: try file(kind, under: "catalogue/", &random)
        case .attachment: try file(kind, under: "attachments/", &random)
        case .indexFlip, .indexTruncated, .indexSwapped: index(kind, &random)
        case .rolledBackMemory, .rolledBackKept, .rolledBackAlone:
            try rolledBack(kind, &random)
        }
    }

    func record(_ random: inout Seeded) -> Int { .random(in: sound.lines.indices, using: &random) }

    /// A record that is neither a stub nor one of the ledger's own.
    func plain(_ random: inout Seeded) -> Int {
        while true {
            let record = record(&random)
            if !sound.isWithheld(record), !sound.isOwn(record) { return record }
        }
    }
}

// MARK: - Lines

extension Mutator {
    /// Any bit of any record's line, its LF included; stubs have a kind of their own.
    private func flip(_ random: inout Seeded) -> Mutation {
        var record = record(&random)
        while sound.isWithheld(record) { record = self.record(&random) }
        let byte = Int.random(in: 0...sound.lines[record].count, using: &random)
        return flip(record, byte, .flipBit, &random)
    }

    private func flip(
        _ record: Int, _ byte: Int, _ kind: Mutation.Kind, _ random: inout Seeded
    ) -> Mutation {
        let bit = Int.random(in: 0..<8, using: &random)
        var mutation = Mutation(kind, "bit \(bit) of byte \(byte) of record \(record)")
        let segment = sound.segments[sound.segment(of: record)]
        let offset = sound.lines[segment.records.lowerBound..<record].reduce(byte) {
            $0 + $1.count + 1
        }
        var bytes = sound.files[segment.file] ?? []
        bytes[offset] ^= 1 << bit
        mutation.files[segment.file] = bytes
        return mutation
    }

    private func moved(_ kind: Mutation.Kind, _ random: inout Seeded) -> Mutation {
        var draft = LogDraft(sound)
        let (record, other) = (record(&random), record(&random))
        // Half of the moves are to the neighbour.
        let partner = Bool.random(using: &random) ? other : min(record + 1, sound.lines.count - 1)
        switch kind {
        case .deleteLine: draft.remove(record)
        case .swapLines: draft.swap(record, partner)
        case .repeatLine:
            draft.insert(sound.lines[record], at: partner, after: true)
        default: draft.insert(edited(sound.lines[plain(&random)]), at: record)
        }
        var mutation = Mutation(kind, "record \(record), \(partner)")
        mutation.files = draft.files()
        if kind == .repeatLine, partner == sound.lines.count - 1 { mutation.verdict = .noted }
        return mutation
    }

    private func edited(_ kind: Mutation.Kind, _ random: inout Seeded) throws -> Mutation {
        var draft = LogDraft(sound)
        var record = plain(&random)
        while kind == .editNextLinked, record == sound.lines.count - 1 { record = plain(&random) }
        draft.replace(record, by: edited(sound.lines[record]))
        draft.relink(after: record, count: kind == .editNextLinked ? 1 : .max)
        var mutation = Mutation(kind, "record \(record)")
        mutation.files = draft.files()
        guard kind == .editAllLinkedKept || kind == .editAllLinkedSigned else { return mutation }
        let size = end(&random)
        mutation.what += ", a checkpoint of \(size) kept"
        mutation.kept = try sound.checkpoint(size)
        if kind == .editAllLinkedSigned {
            // With the key: by what is there to see it is sound, but for what others kept.
            mutation.files["checkpoints/latest"] = try SoundLedger.checkpoint(
                draft.leaves(), sound.origin, sound.key)
            if size <= record { mutation.kept = try sound.checkpoint(sound.lines.count) }
            let last = size <= record ? sound.lines.count - 1 : size - 1
            (mutation.code, mutation.range) = ("forked", 0...last)
            mutation.hasSecondOpinion = false
        } else {
            mutation.code = "root-differs"
            mutation.range = size <= record ? size...sound.lines.count - 1 : 0...size - 1
        }
        return mutation
    }

    /// The line with one letter of the event's id changed: as canonical as before.
    private func edited(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        guard let found = line.range(of: #""id":""#.utf8) else { return line }
        let place = found.upperBound
        line[place] = line[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
        return line
    }

    private func truncated(_ kind: Mutation.Kind, _ random: inout Seeded) -> Mutation {
        let record = record(&random)
        let keep =
            kind == .truncateBetween
            ? 0 : Int.random(in: 1..<sound.lines[record].count, using: &random)
        var mutation = Mutation(kind, "the log ends \(keep) bytes into record \(record)")
        cut(&mutation, at: record, keep)
        return mutation
    }

    /// Ends the log `keep` bytes into a record.
    private func cut(_ mutation: inout Mutation, at record: Int, _ keep: Int) {
        let place = sound.segment(of: record)
        let segment = sound.segments[place]
        let size = sound.lines[segment.records.lowerBound..<record].reduce(keep) {
            $0 + $1.count + 1
        }
        mutation.files[segment.file] = Array((sound.files[segment.file] ?? []).prefix(size))
        if size == 0, place > 0 { mutation.files[segment.file] = .some(nil) }
        for later in sound.segments[(place + 1)...] { mutation.files[later.file] = .some(nil) }
    }

    private func halved(_ random: inout Seeded) -> Mutation {
        guard let batch = batches.randomElement(using: &random) else {
            return Mutation(.batchHalved, "no batch")
        }
        var draft = LogDraft(sound)
        let count = Int.random(in: 1..<batch.count, using: &random)
        for record in batch.suffix(count) { draft.remove(record) }
        draft.relink(after: batch.lowerBound, renumbering: true)
        var mutation = Mutation(.batchHalved, "the last \(count) of batch \(batch) removed")
        mutation.files = draft.files()
        return mutation
    }

    // MARK: Withheld lines

    private func stubPutIn(_ random: inout Seeded) -> Mutation {
        let record = plain(&random)
        var mutation = Mutation(.stubPutIn, "record \(record)")
        guard let stub = Withholding.stub(of: sound.lines[record], sound.leaves[record]) else {
            return mutation
        }
        var draft = LogDraft(sound)
        draft.replace(record, by: stub[...])
        mutation.files = draft.files()
        (mutation.code, mutation.range) = ("withheld-unbacked", record...record)
        mutation.named = record...record
        return mutation
    }

    /// A bit of a stub; what is not under the leaf hash is its own word.
    private func stubEdited(_ random: inout Seeded) -> Mutation {
        guard let record = sound.clear.keys.sorted().randomElement(using: &random) else {
            return Mutation(.stubEdited, "no stub")
        }
        let byte = Int.random(in: 0..<sound.lines[record].count, using: &random)
        var mutation = flip(record, byte, .stubEdited, &random)
        mutation.verdict = .foundOrStubsWord
        return mutation
    }
}

/// Makes stubs: Specs/record.md section 7.
enum Withholding {
    static func stub(of line: ArraySlice<UInt8>, _ leaf: LeafHash) -> [UInt8]? {
        guard let value = try? JSONValue(parsing: line), let chain = value["chain"],
            let prev = line.withUnsafeBytes({ RecordHeader($0) })?.prev,
            let recorded = chain["recorded"]?.string.flatMap({ Timestamp(fixed: $0) }),
            let revision = value["intake"]?["revision"]?.integer,
            let sequence = chain["seq"]?.integer,
            let stream = value["event"]?["subject"]?.string.flatMap({ StreamName($0) })
        else { return nil }
        let batch = value["intake"]?["batch"]?.string.map { Array($0.utf8) }
        return WithheldLine(
            leafHash: leaf, prev: prev, recorded: recorded, revision: Revision(UInt64(revision)),
            sequence: SequenceNumber(UInt64(sequence)), stream: stream,
            batch: batch?.withUnsafeBytes { BatchPlace($0) }
        ).bytes
    }
}
