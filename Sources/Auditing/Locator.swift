import Checkpoints
import Digests
import Merkle

extension Audit {
    /// Compares with everything signed, and where that fails finds the place.
    ///
    /// Two kinds of evidence reach further than a root: the index's leaf hashes, if they give the
    /// root that was signed, and the leaf hashes that later records' links name, if the tree with
    /// these in place of what is found gives it.
    mutating func locate() async throws {
        sound = signed.compare(state)
        guard let latest = signed.latest, latest.size.rawValue > 0 else { return }
        let size = latest.size.rawValue
        if state.count < size {
            findings.append(
                Finding(
                    .recordsMissing, seq: state.count, through: size - 1,
                    file: list.segments.last?.file, offset: list.segments.last?.byteCount,
                    expected: "\(size) records", found: "\(state.count)"))
        }
        isRootSound = state.roots[size] == latest.root
        guard !isRootSound else { return }
        if try isIndexSigned(latest.root, size) {
            try await locateByIndex(size)
        } else if state.count >= size {
            try await locateByLinks(latest.root, size)
        }
    }

    /// Whether the index's leaf hashes give the signed root.
    private func isIndexSigned(_ root: Root, _ size: UInt64) throws(SourceError) -> Bool {
        let width = Digest.byteCount
        guard size < UInt64(Int.max / width),
            let there = try sources.index.byteCount(of: .level(0)),
            there >= Int(size) * width
        else { return false }
        let hasher = MerkleHasher()
        var tree = CompactRange(begin: 0)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: width << 15, alignment: 8)
        defer { memory.deallocate() }
        while tree.end < size {
            let count = min(Int(size - tree.end), 1 << 15)
            let target = UnsafeMutableRawBufferPointer(rebasing: memory[..<(count * width)])
            let read = try sources.index.read(.level(0), at: Int(tree.end) * width, into: target)
            guard read == count * width else { return false }
            for place in 0..<count {
                var digest = Digest()
                digest.withUnsafeMutableBytes {
                    $0.copyMemory(
                        from: .init(rebasing: target[place * width..<(place + 1) * width]))
                }
                tree.append(LeafHash(digest), hasher)
            }
        }
        return tree.root(hasher) == root
    }

    /// The index is as good as the checkpoint: every record whose leaf hash differs from it was
    /// altered, and no other.
    private mutating func locateByIndex(_ size: UInt64) async throws {
        var exact = plan
        (exact.mode, exact.comparesIndex, exact.findingsMax) = (.quick, true, .max)
        let found = try await walk(exact, sorters: nil) { _ in }
        let altered = found.indexDifferences.filter { $0.file == .level(0) && $0.index < size }
        state.indexDifferences = []
        state.indexDifferenceCount = 0
        report(altered.map { Altered($0, state.extents) })
        let missing = state.findings.first { $0.code == .segmentMissing }?.seq
        let first = [altered.first?.index, missing, state.count, size].compactMap(\.self).min()
        sound = first.flatMap { $0 > 0 ? $0 - 1 : nil }
    }

    /// Takes the links of later records for what the records before them were.
    private mutating func locateByLinks(_ root: Root, _ size: UInt64) async throws {
        let evidence = LinkEvidence(state.findings, size: size)
        guard !evidence.overrides.isEmpty else { return }
        let found = try await walk(evidence.trial(of: plan), sorters: nil) { _ in }
        guard found.roots[size] == root else { return }
        let altered = evidence.altered
        report(altered)
        sound = altered.first.flatMap { $0.ordinal > 0 ? $0.ordinal - 1 : nil }
    }

    /// Adds a finding for each run of altered records, and narrows what was found before.
    private mutating func report(_ altered: [Altered]) {
        guard let first = altered.first, let last = altered.last else { return }
        findings += Altered.runs(altered)
        let places = Set(altered.map(\.ordinal))
        for index in state.findings.indices { state.findings[index].narrow(places.contains) }
        for index in signed.findings.indices {
            signed.findings[index].narrowRoot(first.ordinal, last.ordinal)
        }
    }
}
