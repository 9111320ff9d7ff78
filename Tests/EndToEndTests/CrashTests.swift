import CanonicalJSON
import Foundation
import Glibc
import TestKit
import Testing

/// kill -9 under load: no record that a receipt was printed for is ever lost.
@Suite(.serialized) struct CrashTests {
    private let program = Program()

    @Test func `after 50 kills every receipt ever printed proves`() throws {
        // A producer that writes to a killed process must not die with it.
        signal(SIGPIPE, SIG_IGN)
        let seed = UInt64.random(in: 0..<1_000_000)
        var random = Seeded(seed: seed)
        let home = try ScratchFolder()
        let ledger = home.path + "/ledger"
        let made = try program.run(
            ["init", ledger, "--origin", "crash.example", "--json"], home: home.url)
        let vkey = try #require(try made.json["vkey"]?.string, "\(made.errors)")
        let check = try ReceiptCheck(vkey: vkey, origin: "crash.example")
        var receipts: [JSONValue] = []
        for round in 0..<50 {
            receipts += try load(ledger, home, round, &random)
            let lines = try ReceiptCheck.lines(of: ledger)
            for receipt in receipts {
                #expect(throws: Never.self, "seed \(seed), round \(round)") {
                    try check.check(receipt, against: lines)
                }
            }
            let verified = try program.run(["verify", ledger, "--json"], home: home.url)
            #expect(verified.exitCode == 0, "seed \(seed), round \(round): \(verified.output)")
        }
        #expect(receipts.count > 500, "there was load, \(receipts.count)")
    }

    /// Appends until a random number of receipts has been read, kills, and gives all receipts that
    /// were printed whole.
    private func load(
        _ ledger: String, _ home: ScratchFolder, _ round: Int, _ random: inout Seeded
    ) throws -> [JSONValue] {
        let isBatch = Bool.random(using: &random)
        let process = program.process(["append", "-", "--ledger", ledger], home: home.url)
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let events = isBatch ? batch(round) : lines(round)
        try process.run()
        let feeder = Thread {
            try? input.fileHandleForWriting.write(contentsOf: Data(events))
            // Or the program waits for more, and we for receipts, if all were wanted.
            try? input.fileHandleForWriting.close()
        }
        feeder.start()
        let wanted = Int.random(in: 0..<40_000, using: &random) * (isBatch ? 20 : 4)
        var bytes = Data()
        while bytes.count < wanted {
            let block = output.fileHandleForReading.availableData
            if block.isEmpty { break }
            bytes += block
        }
        kill(process.processIdentifier, SIGKILL)
        bytes += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let whole = bytes.prefix(through: bytes.lastIndex(of: 0x0A) ?? bytes.startIndex)
        return try whole.split(separator: 0x0A).filter { $0.count > 1 }
            .map { try JSONValue(parsing: $0) }
    }

    private func event(_ id: String, case number: Int) -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/RP-2025-\(number)", type: "report.accepted",
            source: "urn:crash",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
    }

    private func lines(_ round: Int) -> [UInt8] {
        (0..<2000).flatMap { place in
            event("\(round)-\(place)", case: place % 50).canonicalBytes + [0x0A]
        }
    }

    private func batch(_ round: Int) -> [UInt8] {
        JSONValue.array((0..<500).map { event("b\(round)-\($0)", case: $0 % 20) }).canonicalBytes
    }
}
