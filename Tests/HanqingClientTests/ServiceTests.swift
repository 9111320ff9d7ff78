import CanonicalJSON
import Foundation
import HanqingClient
import TestKit
import Testing

/// The client against the shipped program, over a socket.
@Suite struct ServiceTests {
    /// A started service and a client that checks every receipt.
    private final class Served: Sendable {
        let home: ScratchFolder
        let ledger: String
        let verifier: ReceiptVerifier

        init() async throws {
            home = try ScratchFolder()
            ledger = home.path + "/ledger"
            let (home, ledger) = (home, ledger)
            let made = try await onThread {
                try Program().run(
                    ["init", ledger, "--origin", "client.example", "--json"], home: home.url)
            }
            let vkey = try #require(try made.json["vkey"]?.string, "\(made.errors)")
            verifier = try ReceiptVerifier(origin: "client.example", keys: [vkey])
        }

        func serve(port: Int = 0) async throws -> ServingProgram {
            try await ServingProgram(ledger, home: home.url, port: port)
        }

        func client(_ service: ServingProgram) throws -> LedgerClient {
            var options = LedgerClient.Options()
            options.verifier = verifier
            return try LedgerClient(service.url, options: options)
        }

        /// Gives a client to `body`, stops, and asks the shipped auditor.
        func with(_ body: (LedgerClient) async throws -> Void) async throws {
            let service = try await serve()
            let client = try client(service)
            do {
                try await body(client)
            } catch {
                await client.shutdown()
                _ = try await service.end(SIGKILL)
                throw error
            }
            await client.shutdown()
            #expect(try await service.end(SIGTERM) == 0)
            try await verify()
        }

        func verify() async throws {
            let (home, ledger) = (home, ledger)
            let verified = try await onThread {
                try Program().run(["verify", ledger], home: home.url)
            }
            #expect(verified.exitCode == 0, "\(verified.output)")
        }
    }

    @Test func `an event is recorded once and its receipt proves its record`() async throws {
        let served = try await Served()
        try await served.with { client in
            let event = try Made.event("a")
            let receipt = try await client.append(event)
            #expect(receipt.sequence == 2 && !receipt.isRepeat && receipt.revision == 0)
            let again = try await client.append(event)
            #expect(again.isRepeat && again.leafHash == receipt.leafHash)
            #expect(try await client.size() == 3)
            let record = try await client.record(2)
            #expect(record.leafHash == receipt.leafHash && !record.isWithheld)
            try served.verifier.verify(receipt, record: record.bytes, of: event)
            let kept = try Receipt(json: receipt.json)
            #expect(kept == receipt)
        }
    }

    @Test func `a batch is recorded whole or not at all`() async throws {
        let served = try await Served()
        try await served.with { client in
            let events = try (0..<20).map { try Made.event("b\($0)") }
            let receipts = try await client.append(batch: events)
            #expect(receipts.map(\.sequence) == Array(2..<22))
            let brief = try await client.append(batch: events, receipts: .brief)
            #expect(brief.allSatisfy { $0.isRepeat && $0.proof == nil })
            #expect(throws: ClientError.self) { try served.verifier.verify(brief[0]) }
            let torn = [try Made.event("new"), try Made.event("b3", case: "RP-OTHER")]
            let error = try await #require(throws: ClientError.self) {
                try await client.append(batch: torn)
            }
            #expect(error.problem?.code == .conflict && !error.mayBeRecorded)
            #expect(error.problem?.refusals.first?.event == 1)
            #expect(try await client.size() == 22)
        }
    }

    @Test func `what the service refuses comes with its reasons`() async throws {
        let served = try await Served()
        try await served.with { client in
            let unsound = try Event(
                json: EventMaker.json(
                    id: "x", stream: "report/RP-1", type: "report.accepted"
                ).canonicalBytes)
            let error = try await #require(throws: ClientError.self) {
                try await client.append(unsound)
            }
            #expect(error.problem?.code == .invalidEvent && error.problem?.status == 400)
            #expect(error.problem?.refusals.allSatisfy { $0.pointer.hasPrefix("/data") } == true)
            let early = try Event(
                json: EventMaker.json(
                    id: "y", stream: "report/RP-1", type: "report.closed"
                ).canonicalBytes)
            await #expect(throws: ClientError.self) { try await client.check([early]) }
            let missing = try await #require(throws: ClientError.self) {
                try await client.record(99)
            }
            #expect(missing.problem?.code == .notFound)
        }
    }

    @Test func `checking foretells and records nothing`() async throws {
        let served = try await Served()
        try await served.with { client in
            _ = try await client.append(try Made.event("a"))
            let prospects = try await client.check([try Made.event("a")])
            #expect(prospects.map(\.isRepeat) == [true])
            let next = try await client.check([try Made.event("b"), try Made.event("c")])
            #expect(next.map(\.revision) == [1, 2] && !next.contains(where: \.isRepeat))
            #expect(next.first?.stream == "report/RP-2025-9")
            #expect(try await client.size() == 3)
        }
    }

    @Test func `records are listed as they are, with what was asked for alone`() async throws {
        let served = try await Served()
        try await served.with { client in
            let events = try (0..<600).map { try Made.event("l\($0)", case: "RP-\($0 % 3)") }
            _ = try await client.append(batch: events, receipts: .brief)
            var numbers: [UInt64] = []
            for try await record in client.records() { numbers.append(record.sequence) }
            #expect(numbers == Array(0..<602))
            numbers = []
            let selection = Selection(stream: "report/RP-1", type: "report.accepted")
            for try await record in client.records(selection, from: 300) {
                numbers.append(record.sequence)
            }
            #expect(numbers == Array(300..<602).filter { ($0 - 2) % 3 == 1 })
        }
    }

    @Test func `a follower and a producer outlive the service's death`() async throws {
        let served = try await Served()
        var service = try await served.serve()
        let client = try served.client(service)
        let follower = Task {
            var ids: [String] = []
            for try await record in client.follow(from: .record(2)) {
                let event = try JSONValue(parsing: record.bytes)["event"]
                ids.append(event?["id"]?.string ?? "")
                if ids.count == 40 { break }
            }
            return ids
        }
        for number in 0..<20 { _ = try await client.append(try Made.event("d\(number)")) }
        _ = try await service.end(SIGKILL)
        let port = service.port
        async let appended: Void = {
            for number in 20..<40 { _ = try await client.append(try Made.event("d\(number)")) }
        }()
        service = try await served.serve(port: port)
        try await appended
        #expect(try await follower.value == (0..<40).map { "d\($0)" })
        await client.shutdown()
        #expect(try await service.end(SIGTERM) == 0)
        try await served.verify()
    }

    @Test func `a receipt that was changed proves nothing`() async throws {
        let served = try await Served()
        try await served.with { client in
            let events = try (0..<5).map { try Made.event("v\($0)") }
            let receipts = try await client.append(batch: events)
            let (receipt, event) = (receipts[1], events[1])
            let record = try await client.record(receipt.sequence)
            try served.verifier.verify(receipt, record: record.bytes, of: event)
            // Every digit of every hash, the number, and the checkpoint's text and signature.
            let text = String(decoding: receipt.json, as: UTF8.self)
            let changes = [
                text.replacing("\"seq\":3", with: "\"seq\":4"),
                text.replacing("\\n7\\n", with: "\\n8\\n"),
                text.replacing("\"leafHash\":\"", with: "\"leafHash\":\"0").replacing(
                    receipt.leafHash, with: String(receipt.leafHash.dropLast())),
            ]
            for change in changes + flippedDigits(of: receipt, in: text) {
                #expect(change != text)
                #expect(throws: ClientError.self, "\(change)") {
                    try served.verifier.verify(try Receipt(json: change.utf8))
                }
            }
            let other = try await client.record(2)
            let wrongRecord = #expect(throws: ClientError.self) {
                try served.verifier.verify(receipt, record: other.bytes)
            }
            #expect(wrongRecord?.kind == .unverified)
            #expect(throws: ClientError.self) {
                try served.verifier.verify(receipt, record: record.bytes, of: events[2])
            }
            let stranger = try ReceiptVerifier(origin: "other.example", keys: [])
            #expect(throws: ClientError.self) { try stranger.verify(receipt) }
        }
    }

    /// The receipt with one digit of its leaf hash, or of a hash of its proof, changed.
    private func flippedDigits(of receipt: Receipt, in text: String) -> [String] {
        ([receipt.leafHash] + (receipt.proof ?? [])).flatMap { hash in
            stride(from: 0, to: 64, by: 7).map { place in
                var digits = Array(hash)
                digits[place] = digits[place] == "0" ? "1" : "0"
                return text.replacing(hash, with: String(digits))
            }
        }
    }
}
