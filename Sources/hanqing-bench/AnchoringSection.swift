import Checkpoints
import Foundation
import Glibc
import LedgerData
import LedgerHome

/// Thirteen districts, a city and a province: what it costs those who append to the city's ledger
/// that every minute the city anchors the districts and the province the city.
///
/// Windows with a minute's anchoring and windows without take turns, so that a machine that others
/// use too favours neither.
struct AnchoringSection {
    private let bench: BenchLedgers

    static let name = "anchoring"
    private static let districtCount = 13
    private static let eventsOfMinute = 100
    private static let roundCount = 6
    private static let connectionCount = 64
    private static let postsASecond = 1_000
    private static let warmUp = 2.0
    private static let window = 4.0

    init(bench: BenchLedgers) {
        self.bench = bench
    }

    func run(_ report: inout Report) async throws {
        guard let program = ShippedProgram() else {
            Progress.say("\(AnchoringSection.name): hanqing is not beside this program: left out")
            return
        }
        var districts: [Appending] = []
        for number in 0..<AnchoringSection.districtCount {
            let folder = try await bench.make("district-\(number)", origin: "district-\(number)")
            districts.append(Appending(try await bench.open(folder, .write), bench.sampler))
        }
        let city = try await bench.make("city", LedgerData.catalogueFiles, origin: "city")
        let anchors = try await bench.make("city-anchors", origin: "city-anchors")
        let province = try await bench.make("province", origin: "province")
        let ledger = try await bench.open(city, .read)
        let cityKey = ledger.verifierKey.description
        try await ledger.close()
        try Core.keep(to: .second)
        defer { try? Core.keep(to: nil) }
        let service = try ServingProcess.hanqing(program, ledger: city)
        for district in districts {
            let key = district.ledger.verifierKey.description
            try program.run(["anchor", district.ledger.folder, anchors, "--key", key])
        }
        try program.run(["anchor", service.url, province, "--key", cityKey])
        let orders = [
            ["anchor"] + districts.map(\.ledger.folder) + [anchors],
            ["anchor", service.url, province],
        ]
        try await measure(service, districts, program, orders, &report)
        try service.end()
        for district in districts { try await district.ledger.close() }
    }

    private func measure(
        _ service: ServingProcess, _ districts: [Appending], _ program: ShippedProgram,
        _ orders: [[String]], _ report: inout Report
    ) async throws {
        let events = try LoadEvents()
        var load = try LoadGenerator(
            port: service.port, connections: AnchoringSection.connectionCount)
        _ = try load.run(.whenAnswered, for: AnchoringSection.warmUp) { events.single($0) }
        var times: [Bool: [Double]] = [:]
        var minutes: [Double] = []
        for _ in 0..<AnchoringSection.roundCount {
            // A minute's events of the districts; what those cost is not the question.
            for district in districts {
                _ = try await district.batches(
                    of: AnchoringSection.eventsOfMinute, count: AnchoringSection.eventsOfMinute,
                    callers: 1)
            }
            for isAnchoring in [false, true] {
                let anchoring = isAnchoring ? try Anchoring(program, orders) : nil
                let outcome = try load.run(
                    .perSecond(Double(AnchoringSection.postsASecond)), for: AnchoringSection.window
                ) { events.single($0) }
                try outcome.demand(201)
                times[isAnchoring, default: []] += outcome.times
                if let anchoring { minutes.append(try await anchoring.seconds()) }
            }
        }
        add(times[false] ?? [], "without anchoring", beside: nil, &report)
        add(times[true] ?? [], "with a minute's anchoring", beside: "without anchoring", &report)
        let middle = minutes.sorted().quantile(0.5) * 1_000
        let count = AnchoringSection.districtCount
        report.add(
            Figure(
                AnchoringSection.name, "a minute's anchoring, \(count) districts and the city",
                middle, "ms"))
    }

    private func add(
        _ times: [Double], _ what: String, beside other: String?, _ report: inout Report
    ) {
        let sorted = times.sorted()
        let pace = Report.number(Double(AnchoringSection.postsASecond))
        for (title, quantile) in [("p50", 0.5), ("p99", 0.99), ("longest", 1)] {
            func name(_ what: String) -> String {
                "\(title) of posts to the city, \(pace) a second when due, \(what)"
            }
            report.add(
                Figure(
                    AnchoringSection.name, name(what), sorted.quantile(quantile), "ms",
                    of: other.flatMap { report.limit(AnchoringSection.name, name($0)) },
                    target: other != nil && title == "p99" ? "under 50 ms" : nil))
        }
    }
}

/// A minute's anchoring under way: the city's districts and, at the same time, the province's city.
///
/// It runs on the service's core, where it is most in the way.
private struct Anchoring {
    private let processes: [Process]
    private let ends: AsyncStream<ContinuousClock.Instant>
    private let start = ContinuousClock.now

    init(_ program: ShippedProgram, _ orders: [[String]]) throws {
        let (ends, ended) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
        self.ends = ends
        processes = try orders.map { order in
            try Children.start(Core.first.command + [program.url.path] + order) { _ in
                ended.yield(ContinuousClock.now)
            }
        }
    }

    /// How long it took, when all have ended well.
    func seconds() async throws -> Double {
        var last = start
        var iterator = ends.makeAsyncIterator()
        for _ in processes {
            guard let end = await iterator.next() else { break }
            last = max(last, end)
        }
        for process in processes {
            process.waitUntilExit()
            Children.forget(process)
            guard process.terminationStatus == 0 else {
                throw BenchError("hanqing anchor ended with \(process.terminationStatus)")
            }
        }
        return (last - start).inSeconds
    }
}
