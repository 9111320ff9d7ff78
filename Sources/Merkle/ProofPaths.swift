/// Which hashes a proof consists of: runs of leaves, in the order of the proof.
///
/// RFC 6962 sections 2.1.1 and 2.1.2; Specs/tree.md section 3. Each run begins at a multiple of the
/// least power of two that is not less than its length, so its Merkle hash is a fold over few
/// complete subtrees.
enum ProofPaths {
    /// PATH(m, D[run]): the siblings on the way from leaf `leaf` up to the root over `run`.
    static func inclusion(of leaf: UInt64, in run: Range<UInt64>) -> [Range<UInt64>] {
        var (run, path): (Range<UInt64>, [Range<UInt64>]) = (run, [])
        while run.upperBound - run.lowerBound > 1 {
            let middle = split(run)
            if leaf < middle {
                path.append(middle..<run.upperBound)
                run = run.lowerBound..<middle
            } else {
                path.append(run.lowerBound..<middle)
                run = middle..<run.upperBound
            }
        }
        return path.reversed()
    }

    /// PROOF for `part` in the tree over the first `size` leaves: what turns the hash of `part`
    /// into the root, and for a part that is no node of that tree, its pieces.
    static func consistency(of part: Range<UInt64>, in size: UInt64) -> [Range<UInt64>] {
        var (part, run, path) = (part, 0..<size, [] as [Range<UInt64>])
        var isKnown = true
        while part != run {
            let middle = split(run)
            if part.upperBound <= middle {
                path.append(middle..<run.upperBound)
                run = run.lowerBound..<middle
            } else {
                path.append(run.lowerBound..<middle)
                run = middle..<run.upperBound
                guard part.lowerBound < middle else { continue }
                // `part` ends inside the right half: the verifier holds the hash of all of it,
                // not that of this piece.
                part = middle..<part.upperBound
                isKnown = false
            }
        }
        if !isKnown { path.append(run) }
        return path.reversed()
    }

    /// Where RFC 6962 divides a run of two or more leaves: after the largest power of two that is
    /// less than its length.
    private static func split(_ run: Range<UInt64>) -> UInt64 {
        let length = run.upperBound - run.lowerBound
        return run.lowerBound + 1 << (63 - (length - 1).leadingZeroBitCount)
    }
}
