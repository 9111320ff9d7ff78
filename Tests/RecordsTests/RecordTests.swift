import CanonicalJSON
import Digests
import Foundation
import LedgerStore
import Merkle
import Records
import TestKit
import Testing

@Suite struct RecordTests {
    private func line(_ sequence: UInt64 = 7, batch: BatchPlace? = nil) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var writer = RecordWriter()
        let frame = RecordWriter.Frame(
            prev: LeafHash(SHA256.digest(of: [1])),
            recorded: Timestamp(microseconds: 1_774_000_000_123_456),
            salt: Salt(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210),
            sequence: SequenceNumber(sequence), batch: batch, recorder: "svc:test",
            revision: Revision(3))
        writer.write(
            frame, event: try EventMaker.event(EventMaker.json(id: "a", stream: "test/A")).bytes,
            to: &bytes)
        return bytes
    }

    private func read(_ line: [UInt8]) -> Result<UInt64, RecordError> {
        let result = line.withUnsafeBytes { raw in
            try? JSONReader().read(raw) { root in
                Result { () throws(RecordError) in try RecordView(root).sequence.rawValue }
            }
        }
        return result ?? .failure(RecordError(.notCanonical))
    }

    @Test func `a record is the line that the specification shows`() throws {
        let expected =
            #"{"chain":{"prev":"\#(SHA256.digest(of: [1]).hex)","recorded":"#
            + #""2026-03-20T09:46:40.123456Z","salt":"ASNFZ4mrze_-3LqYdlQyEA","seq":7,"v":1},"event":"#
            + #"{"data":{"note":"虚构"},"id":"a","source":"urn:test","specversion":"1.0","subject":"#
            + #""test/A","time":"2025-03-04T09:30:00+08:00","type":"test.noted"},"intake":"#
            + #"{"batch":"2/3","recorder":"svc:test","revision":3}}"#
        let line = try line(batch: BatchPlace(index: 2, count: 3))
        #expect(String(decoding: line, as: UTF8.self) == expected)
        #expect(try JSONValue(parsing: line).canonicalBytes == line)
    }

    @Test func `members stand at fixed places`() throws {
        let line = try line()
        #expect(
            String(decoding: line[RecordLayout.prev], as: UTF8.self)
                == SHA256.digest(of: [1]).hex)
        #expect(line[RecordLayout.recorded].starts(with: "2026-03-20".utf8))
        #expect(line[RecordLayout.salt].starts(with: "ASNFZ4".utf8))
        #expect(line[RecordLayout.seq] == UInt8(ascii: "7"))
        let header = try #require(line.withUnsafeBytes { RecordHeader($0) })
        #expect(header.sequence == SequenceNumber(7))
        #expect(header.withheldLeaf == nil)
    }

    @Test func `any other byte makes another record or none`() throws {
        var random = Seeded(seed: 5)
        let good = try line()
        #expect(try read(good).get() == 7)
        var refused = 0
        for _ in 0..<4000 {
            var line = good
            let place = Int.random(in: 0..<line.count, using: &random)
            line[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            if case .failure = read(line) { refused += 1 }
        }
        #expect(refused > 2000, "most single flips break the form, \(refused)")
    }

    @Test(arguments: [
        (#""v":1}"#, #""v":2}"#, RecordError.Code.newerVersion),
        (#""seq":7"#, #""seq":-7"#, .wrongShape),
        (#""revision":3"#, #""revision":1.5"#, .wrongShape),
        (#""batch":"2/3","#, #""batch":"3/2","#, .wrongShape),
        (#""batch":"2/3","#, #""batch":"1/1","#, .wrongShape),
        (#""recorder":"svc:test""#, #""recorder":"me""#, .wrongShape),
        (#","intake":{"#, #","extra":1,"intake":{"#, .wrongShape),
        (#""seq":7"#, #""seq": 7"#, .notCanonical), ("ASNFZ4", "ASNF+4", .wrongShape),
        ("QyEA", "QyEB", .wrongShape), (".123456Z", ".12345Z", .wrongShape),
    ])
    func `a line of another form is no record`(
        from: String, to: String, code: RecordError.Code
    ) throws {
        let text = String(
            decoding: try line(batch: BatchPlace(index: 2, count: 3)), as: UTF8.self)
        let changed = text.replacing(from, with: to)
        #expect(changed != text)
        let error = #expect(throws: RecordError.self) { try read(Array(changed.utf8)).get() }
        #expect(error?.code == code)
    }

    @Test func `a withheld line keeps number, link and leaf hash`() throws {
        let stub = WithheldLine(
            leafHash: LeafHash(SHA256.digest(of: [2])), prev: LeafHash(SHA256.digest(of: [1])),
            recorded: Timestamp(microseconds: 1_774_000_000_123_456), revision: Revision(2),
            sequence: SequenceNumber(12), stream: try #require(StreamName("penalty/PN-1")),
            batch: BatchPlace(index: 1, count: 2))
        #expect(stub.bytes.withUnsafeBytes { WithheldLine($0) } == stub)
        let header = try #require(stub.bytes.withUnsafeBytes { RecordHeader($0) })
        #expect(header.withheldLeaf == stub.leafHash)
        #expect((stub.bytes + [0x20]).withUnsafeBytes { WithheldLine($0) } == nil)
    }
}
