import Digests
import Merkle
import Testing

@Suite struct SM3TreeTests {
    private struct Vectors: Decodable {
        let roots: [String]
    }

    @Test func `roots that the openssl command gives`() throws {
        let roots = try json("shangmi.json", as: Vectors.self).roots
        #expect(roots.count == 6)
        let tree = SM3Tree()
        for (size, root) in roots.enumerated() {
            #expect(tree.root.hex == root, "size \(size)")
            Array("entry-\(size)".utf8).withUnsafeBytes { tree.append($0) }
        }
    }

    @Test func `of any size it is the tree of RFC 6962`() {
        let tree = SM3Tree()
        var leaves: [Digest] = []
        for number in 0..<300 {
            #expect(tree.root == Self.root(leaves[...]))
            let record = Array("record \(number)".utf8)
            leaves.append(SM3.digest(of: [0] + record))
            record.withUnsafeBytes { tree.append($0) }
            #expect(tree.count == UInt64(number + 1))
        }
    }

    /// RFC 6962 section 2.1 word for word, with SM3.
    private static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? SM3.digest(of: []) }
        var length = 1
        while length * 2 < leaves.count { length *= 2 }
        let middle = leaves.startIndex + length
        return SM3.digest(
            of: [1] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
    }
}
