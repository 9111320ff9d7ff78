import ArgumentParser
import CanonicalJSON
import Digests
import Foundation
import Glibc
import HanqingClient
import Merkle
import Synchronization
import TestKit

/// Connections break and the service dies while followers read: each record once and in order.
struct FollowersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "followers",
        abstract: "Break followers' connections; each record once and in order. 订阅者断线续读。",
        discussion: """
            A round is all that one follower reads. Specs/campaigns.md, "Followers".
            """)

    @Option(help: "Events that are appended meanwhile.")
    var events = 20_000

    @Option(help: "How often the service is killed meanwhile.")
    var kills = 5

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        let followers = options.rounds ?? 50
        let tally = Tally("followers", options, total: followers)
        let place = URL(filePath: options.folder).appending(path: "followers-\(getpid())")
        let trial = FollowersTrial(
            ledger: try await ServedLedger(home: place), eventCount: events)
        do {
            try await trial.run(followers, kills, Seeded(seed: options.seed), tally)
        } catch {
            tally.fail("\(error)")
        }
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }
}

/// How many followers have seen a record.
private final class Begun: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    func add() { number.withLock { $0 += 1 } }
}

/// One ledger, who appends to it, and its followers.
private struct FollowersTrial: Sendable {
    let ledger: ServedLedger
    let eventCount: Int

    private static let streamCount = 40
    /// A minute's.
    private static let extraMax = 3_000
    private static let lastID = "the-end"
    private static let chosenCase = 7

    /// What a follower saw of a record: its number and the first half of its leaf hash.
    private struct Seen: Hashable, Sendable {
        let number: UInt64
        let leaf: Substring
    }

    /// What a follower asks for.
    private enum Kind: CaseIterable, Sendable {
        case fromStart, fromHead, oneStream
    }

    private struct Reading: Sendable {
        let kind: Kind
        let seen: [Seen]
        let breakCount: Int
    }

    func run(_ followers: Int, _ kills: Int, _ random: Seeded, _ tally: Tally) async throws {
        var random = random
        var service = try await ledger.serve()
        let producer = try LedgerClient(service.url, options: try ledger.clientOptions())
        let url = service.url
        let begun = Begun()
        let readings = try await withThrowingTaskGroup(of: Reading.self) { group in
            for place in 0..<followers {
                let kind = Kind.allCases[place % Kind.allCases.count]
                let seed = random.next()
                group.addTask { try await follow(kind, url, begun, Seeded(seed: seed)) }
            }
            let piece = eventCount / (kills + 1)
            for life in 0...kills {
                let end = life == kills ? eventCount : (life + 1) * piece
                async let appended: Void = append(life * piece..<end, producer)
                if life < kills {
                    let pause = Int.random(in: 0...300_000, using: &random)
                    try await Task.sleep(for: .microseconds(pause))
                    _ = try await service.end(SIGKILL)
                    tally.count("kills")
                    service = try await ledger.serve(port: service.port)
                }
                try await appended
            }
            // Who follows from the newest record on must have begun before the last one.
            var extra = eventCount
            while begun.count < followers {
                try await append(extra..<extra + 1, producer)
                extra += 1
                guard extra < eventCount + FollowersTrial.extraMax else {
                    throw CampaignError("\(followers - begun.count) followers saw nothing")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            _ = try await producer.append(
                try ServedLedger.event(FollowersTrial.lastID, case: FollowersTrial.chosenCase))
            var readings: [Reading] = []
            for try await reading in group { readings.append(reading) }
            return readings
        }
        await producer.shutdown()
        let code = try await service.end(SIGTERM)
        if code != 0 { tally.fail("told to stop, the service ended with \(code)") }
        try await check(readings, tally)
    }

    private func append(_ numbers: Range<Int>, _ client: LedgerClient) async throws {
        for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 25) {
            let part = first..<min(first + 25, numbers.upperBound)
            let events = try part.map {
                try ServedLedger.event("f-\($0)", case: $0 % FollowersTrial.streamCount)
            }
            _ = try await client.append(batch: events, receipts: .brief)
        }
    }

    // MARK: - Following

    private func follow(
        _ kind: Kind, _ url: String, _ begun: Begun, _ random: Seeded
    ) async throws -> Reading {
        let options = try ledger.clientOptions()
        let transport = BreakingTransport(
            HTTPTransport(base: url, silence: options.silence, connectionCountMax: 2),
            byteCountMax: 200_000, random)
        let client = LedgerClient(transport, options)
        let records =
            switch kind {
            case .fromStart: client.follow(from: .record(0))
            case .fromHead: client.follow()
            case .oneStream: client.follow(FollowersTrial.chosen, from: .record(0))
            }
        var seen: [Seen] = []
        for try await record in records {
            if seen.isEmpty { begun.add() }
            seen.append(Seen(number: record.sequence, leaf: record.leafHash.prefix(32)))
            let event = try JSONValue(parsing: record.bytes)["event"]
            if event?["id"]?.string == FollowersTrial.lastID { break }
        }
        await client.shutdown()
        return Reading(kind: kind, seen: seen, breakCount: transport.breakCount)
    }

    private static let chosen = Selection(stream: "report/RP-2025-\(chosenCase)")

    // MARK: - What must hold

    private func check(_ readings: [Reading], _ tally: Tally) async throws {
        let lines = try ReceiptCheck.lines(of: ledger.folder)
        let hasher = MerkleHasher()
        let all = lines.enumerated().map { number, line in
            let leaf = line.withUnsafeBytes { hasher.leaf($0) }
            return Seen(number: UInt64(number), leaf: leaf.digest.hex.prefix(32))
        }
        let ofStream = try zip(all, lines).filter { _, line in
            let event = try JSONValue(parsing: line)["event"]
            return event?["subject"]?.string == FollowersTrial.chosen.stream
        }.map(\.0)
        for reading in readings {
            let expected =
                switch reading.kind {
                case .fromStart: all
                case .fromHead: Array(all.suffix(reading.seen.count))
                case .oneStream: ofStream
                }
            if reading.seen != expected || reading.seen.isEmpty {
                let place = zip(reading.seen, expected).enumerated().first { $1.0 != $1.1 }?.offset
                tally.fail(
                    "a follower \(reading.kind) saw \(reading.seen.count) records and not "
                        + "\(expected.count); they differ from place \(place ?? -1) on")
            }
            tally.count("records read", reading.seen.count)
            tally.count("broken connections", reading.breakCount)
            tally.round()
        }
        if let complaint = try await ledger.verified() { tally.fail(complaint) }
        tally.count("records", lines.count)
    }
}
