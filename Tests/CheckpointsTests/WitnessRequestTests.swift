import Checkpoints
import Digests
import Merkle
import Testing

@Suite struct WitnessRequestTests {
    @Test func `the worked example's request is read and written the same`() throws {
        let body = try bytes("worked-example/add-checkpoint.request")
        let request = try #require(WitnessRequest(body))
        #expect(request.old == TreeSize(3))
        #expect(
            request.proof.map(\.hex)
                == (try Sample()).values.consistency_3_to_5_hex)
        #expect(request.bytes == body)
    }

    @Test func `any other spelling is refused`() throws {
        let body = try bytes("worked-example/add-checkpoint.request")
        let text = String(decoding: body, as: UTF8.self)
        #expect(WitnessRequest(body.dropLast()) == nil)
        for (from, to) in [
            ("old 3\n", "old 03\n"), ("old 3\n", "old +3\n"), ("old 3\n", "old  3\n"),
            ("old 3\n", "Old 3\n"), ("old 3\n", ""), ("old 3\n", "old 3\r\n"),
            ("old 3\n", "old 18446744073709551616\n"), ("=\n\n", "=\n"), ("BJ19", "BJ1"),
        ] {
            let changed = text.replacing(from, with: to, maxReplacements: 1)
            #expect(WitnessRequest(Array(changed.utf8)) == nil, "\(to.debugDescription)")
        }
    }

    @Test func `it holds 63 hashes and no more`() throws {
        let body = try bytes("worked-example/add-checkpoint.request")
        let note = try #require(WitnessRequest(body)).note
        let hashes = [Digest](repeating: .zero, count: 63)
        let most = WitnessRequest(old: .zero, proof: hashes, note: note)
        #expect(WitnessRequest(most.bytes) == most)
        let more = WitnessRequest(old: .zero, proof: hashes + [.zero], note: note)
        #expect(WitnessRequest(more.bytes) == nil)
    }

    @Test func `a long line before the empty one is no beginning of a note`() throws {
        let name = String(repeating: "x", count: 80)
        let text = "old 0\n\(name)\n1\n\(Root(.zero).base64)\n\n\u{2014} a AAAAAAA=\n"
        #expect(WitnessRequest(Array(text.utf8)) == nil)
    }
}
