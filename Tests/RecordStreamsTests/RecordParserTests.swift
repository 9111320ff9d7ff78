import RecordStreams
import TestKit
import Testing

@Suite struct RecordParserTests {
    private func parse(_ text: String) throws -> [Passage] {
        var parser = EventStreamParser()
        return try parser.take(Array(text.utf8))
    }

    @Test func `an event is an id and its data`() throws {
        #expect(
            try parse("id: 7\nevent: record\ndata: {\"a\":1}\n\n")
                == [.record(Array(#"{"a":1}"#.utf8)), .lookedAt(7)])
    }

    @Test func `an id without data tells how far was looked`() throws {
        #expect(try parse("retry: 1000\n\n: nothing yet\n\nid: 7\n\n") == [.lookedAt(7)])
    }

    @Test func `an event that is cut off does not count`() throws {
        #expect(try parse("id: 7\ndata: a\n\nid: 8\ndata: b\n").count == 2)
    }

    @Test func `lines end in any of three ways, and a space after the colon is no value`() throws {
        let expected: [Passage] = [.record(Array("a\nb".utf8)), .lookedAt(7)]
        for end in ["\n", "\r", "\r\n"] {
            let text = ["id:7", "data:a", "data: b", "", ""].joined(separator: end)
            #expect(try parse(text) == expected, "\(end.utf8.map { $0 })")
        }
    }

    @Test(arguments: ["id: x\n", "id: -1\n", "id\n", "id: 18446744073709551616\n"])
    func `an id that is no number is refused`(text: String) {
        #expect(throws: UnreadableBody.self) { try parse(text) }
    }

    @Test func `no line grows without bound`() {
        var parser = EventStreamParser()
        #expect(throws: UnreadableBody.self) {
            for _ in 0..<20_000 { _ = try parser.take(Array("data: 0123456789".utf8)) }
        }
        var lines = EventStreamParser()
        #expect(throws: UnreadableBody.self) {
            for _ in 0..<20_000 { _ = try lines.take(Array("data: 0123456789\n".utf8)) }
        }
    }

    @Test func `how a body is cut changes nothing`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var seeded = Seeded(seed: seed)
        let parts = ["id: ", "1", "2", "\n", "\r", "\r\n", "data: ", "x", "\n\n", ":", " "]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 1...30, using: &seeded)).map { _ in
                parts.randomElement(using: &seeded) ?? ""
            }.joined()
            let bytes = Array(text.utf8)
            let (whole, cut) = (Result { try parse(text) }, cutUp(bytes, &seeded))
            #expect(
                (try? whole.get()) == (try? cut.get()), "seed \(seed): \(text.debugDescription)")
        }
    }

    private func cutUp(
        _ bytes: [UInt8], _ seeded: inout Seeded
    ) -> Result<[Passage], any Error> {
        var parser = EventStreamParser()
        var passages: [Passage] = []
        var left = bytes[...]
        while !left.isEmpty {
            let piece = left.prefix(Int.random(in: 1...4, using: &seeded))
            left = left.dropFirst(piece.count)
            do {
                passages += try parser.take(Array(piece))
            } catch {
                return .failure(error)
            }
        }
        return .success(passages)
    }
}
