import CanonicalJSON
import Digests
import Merkle
import Records

/// Reads single records again.
struct Revisit {
    let plan: ScanPlan
    let sources: Auditor.Sources
    let extents: [LogState.Extent]

    init(_ plan: ScanPlan, _ sources: Auditor.Sources, _ extents: [LogState.Extent]) {
        (self.plan, self.sources, self.extents) = (plan, sources, extents)
    }

    /// Gives `body` the lines at `places`, which are ascending; each piece is read once.
    func lines(
        _ places: [UInt64],
        _ body: (UInt64, UnsafeRawBufferPointer, _ file: String, _ offset: Int) -> Void
    ) throws(SourceError) {
        let scanner = ChunkScanner(plan, records: sources.records, index: sources.index)
        var rest = places[...]
        for (number, extent) in extents.enumerated() {
            guard let next = rest.first else { return }
            let end = number + 1 < extents.count ? extents[number + 1].first : .max
            guard next < end else { continue }
            let here = rest.prefix { $0 < end }
            rest = rest.dropFirst(here.count)
            try scanner.visit(extent.piece, first: extent.first, here) { place, line, offset in
                body(place, line, extent.piece.segment.file, offset)
            }
        }
    }
}

/// What of a record matters beside others.
struct RecordNames: Hashable {
    var source: String?
    var id: String?
    var type: String?
    let stream: String
    let revision: UInt64

    /// Nil if the line is neither a sound record nor a withheld line.
    init?(_ line: UnsafeRawBufferPointer, _ json: JSONReader) {
        if let stub = WithheldLine(line) {
            (stream, revision) = (stub.stream.text, stub.revision.rawValue)
            return
        }
        guard let root = try? json.read(line), let record = try? RecordView(root) else {
            return nil
        }
        (source, id, type) = (record.source.string, record.id.string, record.type.string)
        (stream, revision) = (record.subject.string ?? "", record.revision.rawValue)
    }
}

/// That every (source, id) is there once, and every stream's revisions have no gap.
///
/// Names were compared by their hashes; where hashes are equal, the records are read again, so
/// that the verdict rests on the names.
struct NameCheck {
    private(set) var findings: [Finding] = []
    private let revisit: Revisit
    private let json = JSONReader(byteCountMax: RecordLayout.byteCountMax)

    init(_ plan: ScanPlan, _ sources: Auditor.Sources, _ extents: [LogState.Extent]) {
        revisit = Revisit(plan, sources, extents)
    }

    /// `groups` are the facts of the keys that occur more than once.
    mutating func judgeIDs(_ groups: [[Fact]]) throws(SourceError) {
        var first: [[String?]: UInt64] = [:]
        try visit(groups) { place, names, file, offset in
            guard let names, names.id != nil else { return nil }
            let name = [names.source, names.id]
            guard let before = first[name] else {
                first[name] = place
                return nil
            }
            return Finding(
                .idRepeated, seq: place, file: file, offset: offset,
                expected: "source and id once",
                found: "\(names.source ?? "") \(names.id ?? "") also in record \(before)")
        }
    }

    /// `groups` are the facts of the keys whose revisions are not 0, 1, 2 and so on.
    mutating func judgeStreams(_ groups: [[Fact]]) throws(SourceError) {
        var next: [String: UInt64] = [:]
        try visit(groups) { place, names, file, offset in
            guard let names else { return nil }
            let expected = next[names.stream] ?? 0
            next[names.stream] = names.revision + 1
            guard names.revision != expected else { return nil }
            return Finding(
                .revisionWrong, seq: place, file: file, offset: offset,
                expected: "revision \(expected) of \(names.stream)", found: "\(names.revision)")
        }
    }

    /// Reads the records of all groups once, in the order of the log.
    private mutating func visit(
        _ groups: [[Fact]], _ judge: (UInt64, RecordNames?, String, Int) -> Finding?
    ) throws(SourceError) {
        let places = groups.joined().map(\.ordinal).sorted()
        var found: [Finding] = []
        try revisit.lines(places) { place, line, file, offset in
            if let finding = judge(place, RecordNames(line, json), file, offset),
                found.count < revisit.plan.findingsMax
            {
                found.append(finding)
            }
        }
        findings += found
    }
}

/// That what records name is there: Specs/record.md section 6.
struct TargetCheck {
    private(set) var findings: [Finding] = []
    private let revisit: Revisit
    private let json = JSONReader(byteCountMax: RecordLayout.byteCountMax)
    private let hasher = MerkleHasher()

    init(_ plan: ScanPlan, _ sources: Auditor.Sources, _ extents: [LogState.Extent]) {
        revisit = Revisit(plan, sources, extents)
    }

    mutating func judge(_ claims: [TargetClaim]) throws(SourceError) {
        let byTarget = claims.sorted { ($0.target, $0.ordinal) < ($1.target, $1.ordinal) }
        var rest = byTarget[...]
        var found: [Finding] = []
        try revisit.lines(byTarget.map(\.target)) { place, line, _, _ in
            let leaf = WithheldLine(line)?.leafHash ?? hasher.leaf(line)
            let names = RecordNames(line, json)
            while let claim = rest.first, claim.target == place {
                rest.removeFirst()
                if let finding = judge(claim, leaf, names) { found.append(finding) }
            }
        }
        findings += found
    }

    private func judge(
        _ claim: TargetClaim, _ leaf: LeafHash, _ names: RecordNames?
    ) -> Finding? {
        func wrong(_ expected: String, _ found: String) -> Finding {
            Finding(
                .targetWrong, seq: claim.ordinal, file: claim.file, offset: claim.offset,
                expected: expected, found: found)
        }
        guard leaf == claim.leafHash else {
            return wrong(
                "leaf hash \(claim.leafHash.digest.hex) of record \(claim.target)", leaf.digest.hex)
        }
        guard let names, claim.stream == nil || names.stream == claim.stream else {
            return wrong("a record of stream \(claim.stream ?? "")", names?.stream ?? "none")
        }
        let type = names.type ?? ""
        guard !type.hasPrefix("entry."), !type.hasPrefix("ledger.") else {
            return wrong("a record that can be mended", type)
        }
        return nil
    }
}
