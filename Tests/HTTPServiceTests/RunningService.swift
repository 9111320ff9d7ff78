import Access
import CanonicalJSON
import Catalogue
import Foundation
import HTTPService
import LedgerData
import LedgerHome
import Logging
import Records
import Sequencing
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

/// A service over a new ledger, reached over a socket.
final class RunningService: Sendable {
    let home: ScratchFolder
    let ledger: Ledger
    let port: Int
    /// How many seconds the clock is ahead by which tokens are looked at.
    let doorSecondsAhead = DoorClock()
    let register: TokenRegister?
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    static let origin = "http.example/1"
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Of one whose tokens are to be looked at by another time than it is.
    final class DoorClock: Sendable {
        private let ahead = Mutex<Int64>(0)

        func advance(bySeconds seconds: Int64) { ahead.withLock { $0 += seconds } }

        func clock(_ clock: LedgerClock) -> LedgerClock {
            LedgerClock(
                wall: { clock.wall().advanced(bySeconds: self.ahead.withLock { $0 }) },
                steadySeconds: clock.steadySeconds)
        }
    }

    /// How the ledger is published, and what its catalogue says of that.
    struct Publishing: Sendable {
        var publishAt: [String] = []
        let plan: @Sendable (_ home: ScratchFolder, _ ledger: Ledger) throws -> PublicationPlan

        fileprivate var catalogueFiles: [String: [UInt8]] {
            var files = LedgerData.catalogueFiles
            let times = publishAt.map { "\"\($0)\"" }.joined(separator: ", ")
            files["catalogue.yaml"]?.append(contentsOf: "  publishAt: [\(times)]\n".utf8)
            return files
        }
    }

    private init(
        tokens: Bool, _ door: any Authenticator, _ options: LedgerService.Options,
        _ publishing: Publishing?
    ) async throws {
        home = try ScratchFolder()
        let folder = home.path + "/ledger"
        _ = try await Ledger.create(
            folder,
            Ledger.Plan(
                LedgerSettings(origin: RunningService.origin),
                catalogueFiles: publishing?.catalogueFiles ?? LedgerData.catalogueFiles,
                person: "P-1", unit: "虚构单位"),
            logger: RunningService.quiet)
        ledger = try await Ledger.open(folder, .write, logger: RunningService.quiet)
        var options = options
        options.port = 0
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        register = tokens ? try await ledger.tokenRegister() : nil
        let clock = doorSecondsAhead.clock(ledger.clock)
        let ledger = ledger
        let door = try register.map { try tokenDoor($0, clock, ledger) } ?? door
        let service = try await LedgerService(
            [
                LedgerService.Member(
                    ledger, door, tokens: register,
                    publication: try publishing?.plan(home, ledger))
            ], options, logger: RunningService.quiet
        ) { told.yield($0) }
        let group = service.group(hearingSignals: false)
        self.group = group
        running = Task { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        port = try #require(await iterator.next())
    }

    /// Gives a running service to `body`, stops it, and asks the shipped auditor about its ledger.
    static func with(
        tokens: Bool = false, door: any Authenticator = OpenDoor(),
        options: LedgerService.Options = LedgerService.Options(),
        publishing: Publishing? = nil, _ body: (RunningService) async throws -> Void
    ) async throws {
        await Turns.shared.take()
        do {
            try await run(tokens, door, options, publishing, body)
        } catch {
            await Turns.shared.give()
            throw error
        }
        await Turns.shared.give()
    }

    private static func run(
        _ tokens: Bool, _ door: any Authenticator, _ options: LedgerService.Options,
        _ publishing: Publishing?, _ body: (RunningService) async throws -> Void
    ) async throws {
        let service = try await RunningService(tokens: tokens, door, options, publishing)
        do {
            try await body(service)
        } catch {
            try? await service.stop()
            throw error
        }
        try await service.stop()
        let verified = try await runProgram(
            ["verify", service.ledger.folder, "--no-memory"], home: service.home)
        #expect(verified.exitCode == 0, "\(verified.output)")
    }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await running.value
        try await ledger.close()
    }

    // MARK: - Tokens

    /// A new token as a header, and its id.
    func token(
        _ rights: String..., owner: Owner = .person("P-1"), speaksFor: [String] = [],
        rate: Rate? = nil
    ) async throws -> (header: [String: String], id: TokenID) {
        var request = TokenRequest(
            name: "test", owner: owner, rights: try rights.map { try Right($0) }, by: "P-9",
            unit: "虚构单位")
        (request.speaksFor, request.rate, request.reason) = (speaksFor, rate, "test")
        let issuance = try await TokenDesk(ledger, register: register).issue(request)
        guard case .issued(let token?, let grant, _) = issuance else {
            throw HTTPConnection.Broken(description: "\(issuance)")
        }
        return (["Authorization": "Bearer " + token.secretText], grant.id)
    }

    func revoke(_ id: TokenID) async throws {
        _ = try await TokenDesk(ledger, register: register).revoke(
            id, by: "P-9", unit: "虚构单位", reason: "test")
    }

    // MARK: - Asking

    /// One request on a connection of its own.
    func ask(
        _ method: String, _ target: String, _ headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let connection = try HTTPConnection(port: port)
        try await connection.send(
            RunningService.request(method, target, headers, body: body))
        return try #require(
            try await connection.answer(toHead: method == "HEAD"), "\(method) \(target)")
    }

    func get(_ target: String, _ headers: [String: String] = [:]) async throws -> HTTPAnswer {
        try await ask("GET", target, headers)
    }

    /// Posts an event in structured mode.
    func post(
        _ event: JSONValue, _ headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        var headers = headers
        headers["Content-Type"] = "application/cloudevents+json"
        return try await ask("POST", "/v1/events", headers, body: event.canonicalBytes)
    }

    func post(
        batch events: [JSONValue], _ headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        var headers = headers
        headers["Content-Type"] = "application/cloudevents-batch+json"
        return try await ask(
            "POST", "/v1/events", headers, body: JSONValue.array(events).canonicalBytes)
    }

    /// How many records the newest checkpoint covers.
    func size() async throws -> Int {
        let note = try await get("/checkpoint").text
        return try #require(Int(note.split(separator: "\n")[1]))
    }

    static func request(
        _ method: String, _ target: String, _ headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}

/// Two services run at a time: the others' clients would time out for want of a processor.
private actor Turns {
    static let shared = Turns()
    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}

/// Runs the shipped program, waiting on a thread that no service needs.
func runProgram(
    _ arguments: [String], home: ScratchFolder, input: [UInt8] = []
) async throws -> Program.Result {
    try await onThread { try Program().run(arguments, home: home.url, input: input) }
}

/// Events for these tests; nothing of them is real.
enum Made {
    /// The shipped sample.
    static var sample: [JSONValue] {
        get throws {
            try LedgerData.sample.split(separator: 0x0A).map { try JSONValue(parsing: $0) }
        }
    }

    /// A sound event that needs nothing before it.
    static func report(
        _ id: String, case name: String = "RP-2025-9", more: [JSONMember] = []
    ) -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/\(name)", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ], more: more)
    }
}

private func tokenDoor(
    _ register: TokenRegister, _ clock: LedgerClock, _ ledger: Ledger
) throws -> any Authenticator {
    TokenDoor(register, clock, apart: try ledger.apartEver())
}
