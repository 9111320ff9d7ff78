import Foundation
import Glibc
import LedgerData

/// The shipped service under the load of producers, beside a service that does nothing.
struct ServingSection {
    private let bench: BenchLedgers

    static let name = "serving"
    private static let connectionCount = 64
    private static let warmUp = 2.0
    private static let duration = 8.0
    private static let batchSize = 100
    /// Of what was sustained: a load that a service is meant to carry all day.
    private static let steadyShare = 0.7
    private static let followerCount = 1_000

    init(bench: BenchLedgers) {
        self.bench = bench
    }

    func run(_ report: inout Report) async throws {
        guard let program = ShippedProgram() else {
            Progress.say("serving: hanqing is not beside this program: left out")
            return
        }
        let events = try LoadEvents()
        try Core.keep(to: .second)
        defer { try? Core.keep(to: nil) }
        try empty(events, &report)
        // All rules are on, unlike in sections whose callers overtake each other.
        let ledger = try await bench.make("served", LedgerData.catalogueFiles)
        let service = try ServingProcess.hanqing(program, ledger: ledger)
        try singles(service, events, &report)
        try batches(service, events, &report)
        try service.end()
        try followers(program, ledger, &report)
        try FileManager.default.removeItem(atPath: ledger)
        if let server = try PostgreSQL(in: bench.scratch.folder) {
            try chained(server, &report)
        } else {
            Progress.say("serving: PostgreSQL (initdb, pgbench) is not there: left out")
        }
    }

    // MARK: - Loads

    private func empty(_ events: LoadEvents, _ report: inout Report) throws {
        let service = try ServingProcess.empty()
        var load = try LoadGenerator(
            port: service.port, connections: ServingSection.connectionCount)
        _ = try load.run(.whenAnswered, for: ServingSection.warmUp) { events.single($0) }
        let outcome = try load.run(.whenAnswered, for: ServingSection.duration) {
            events.single($0)
        }
        try service.end()
        try outcome.demand(204)
        report.add(Figure(ServingSection.name, ServingSection.nothing, outcome.rate, "posts/s"))
        try report.add(times(outcome, ServingSection.nothing))
    }

    private func singles(
        _ service: ServingProcess, _ events: LoadEvents, _ report: inout Report
    ) throws {
        var load = try LoadGenerator(
            port: service.port, connections: ServingSection.connectionCount)
        _ = try load.run(.whenAnswered, for: ServingSection.warmUp) { events.single($0) }
        let judged = try load.run(.whenAnswered, for: ServingSection.duration) {
            events.single($0, isRecorded: false)
        }
        try judged.demand(200)
        report.add(Figure(ServingSection.name, ServingSection.judged, judged.rate, "posts/s"))
        let most = try load.run(.whenAnswered, for: ServingSection.duration) { events.single($0) }
        try most.demand(201)
        report.add(
            Figure(
                ServingSection.name, ServingSection.durable, most.rate, "posts/s",
                of: report.limit(ServingSection.name, ServingSection.nothing),
                target: "half; 8,000 where a sync takes 0.2 ms"))
        try report.add(times(most, ServingSection.durable, target: "p99 under 50 ms"))
        report.add(
            Figure(
                ServingSection.name, "single durable posts over those that are only judged",
                most.rate / judged.rate, ""))
        let rate = most.rate * ServingSection.steadyShare
        let steady = try load.run(.perSecond(rate), for: ServingSection.duration) {
            events.single($0)
        }
        try steady.demand(201)
        let name = "posts that come when due, \(Report.number(rate)) a second"
        report.add(Figure(ServingSection.name, name, steady.rate, "posts/s"))
        try report.add(times(steady, name, target: "p99 under 50 ms"))
    }

    private func batches(
        _ service: ServingProcess, _ events: LoadEvents, _ report: inout Report
    ) throws {
        var load = try LoadGenerator(port: service.port, connections: 8)
        // Numbers that no single post has used.
        let first = 500_000_000
        let size = ServingSection.batchSize
        _ = try load.run(.whenAnswered, for: ServingSection.warmUp) {
            events.batch(first + $0 * size, size)
        }
        let outcome = try load.run(.whenAnswered, for: ServingSection.duration) {
            events.batch(first + $0 * size, size)
        }
        try outcome.demand(201)
        let name = "batches of \(size), brief receipts, 8 connections"
        report.add(
            Figure(
                ServingSection.name, name, outcome.rate * Double(size), "events/s",
                target: "over 40,000"))
        try report.add(times(outcome, name))
    }

    private static let nothing = "204 and nothing else, 64 connections"
    private static let judged = "the same service judging and recording nothing, 64 connections"
    private static let durable = "single durable posts of 600 bytes, 64 connections"

    private func times(
        _ outcome: LoadGenerator.Outcome, _ name: String, target: String? = nil
    ) throws -> [Figure] {
        [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("longest", 1)].map { title, quantile in
            Figure(
                ServingSection.name, "  \(title) of \(name)", outcome.milliseconds(quantile),
                "ms", target: title == "p99" ? target : nil)
        }
    }

    // MARK: - Followers

    /// What those cost who wait for records that do not come.
    private func followers(
        _ program: ShippedProgram, _ ledger: String, _ report: inout Report
    ) throws {
        let service = try ServingProcess.hanqing(program, ledger: ledger)
        let request = Array(
            "GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".utf8)
        // One for what the first of its kind costs.
        let first = try HTTPConnection(port: service.port)
        try first.send(request, due: 0)
        _ = try first.receiveSome()
        let before = service.ownMemory
        var followers: [HTTPConnection] = []
        for _ in 0..<ServingSection.followerCount {
            let follower = try HTTPConnection(port: service.port)
            try follower.send(request, due: 0)
            followers.append(follower)
        }
        for follower in followers { _ = try follower.receiveSome() }
        let cost = service.ownMemory - before
        // They must all live until here.
        withExtendedLifetime(followers) {
            report.add(
                Figure(
                    ServingSection.name,
                    "memory of \(Report.number(Double(ServingSection.followerCount))) followers "
                        + "that wait", cost, "MiB", target: "under 100 MB"))
        }
        followers.removeAll()
        try service.end()
    }

    // MARK: - Starting

    /// From the start of the shipped program until it says that events may be appended.
    static func startToReady(_ ledger: String, _ size: Int, _ report: inout Report) throws {
        guard let program = ShippedProgram() else { return }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        let start = Clock.seconds
        let service = try ServingProcess.hanqing(program, ledger: ledger)
        let connection = try HTTPConnection(port: service.port)
        while true {
            try connection.send(request, due: start)
            var answer: (status: Int, due: Double)?
            while answer == nil {
                _ = try connection.receiveSome()
                answer = try connection.go(on: Int16(POLLIN))
            }
            if answer?.status == 200 { break }
        }
        let time = Clock.seconds - start
        try service.end()
        report.add(
            Figure(
                name, "start to ready, \(Report.number(Double(size))) records", time, "s",
                target: "under 2 s at 10 million"))
    }

    // MARK: - Beside

    private func chained(_ server: PostgreSQL, _ report: inout Report) throws {
        defer { server.end() }
        let rate = try server.chainedInserts(
            clients: ServingSection.connectionCount, seconds: Int(ServingSection.duration))
        let name = "PostgreSQL \(server.version), a table with a hash chain, 64 clients"
        report.add(Figure(ServingSection.name, name, rate, "inserts/s"))
        let ours = report.value(ServingSection.name, ServingSection.durable) ?? 0
        report.add(
            Figure(
                ServingSection.name, "our single posts over its inserts", ours / rate, "",
                target: "4"))
    }
}
