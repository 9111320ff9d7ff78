import Access
import Foundation
import LedgerHome
import Logging
import Records
import Sequencing
import Synchronization
import TestKit
import Testing

/// Tokens of an open ledger, as a service has it.
@Suite struct TokenDeskTests {
    private let home: ScratchFolder
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        home = try ScratchFolder()
    }

    private func ledger(_ clock: LedgerClock = .system) async throws -> Ledger {
        let folder = home.path + "/ledger"
        if !FileManager.default.fileExists(atPath: folder) {
            _ = try await Ledger.create(
                folder,
                Ledger.Plan(
                    LedgerSettings(origin: "demo.example"), person: "P-0", unit: "-"),
                clock: clock, logger: logger)
        }
        return try await Ledger.open(folder, .write, clock: clock, logger: logger)
    }

    private func request(_ owner: Owner, _ rights: Right...) -> TokenRequest {
        var request = TokenRequest(
            name: "test", owner: owner, rights: rights, by: "P-9", unit: "-")
        request.reason = "test"
        return request
    }

    private func issued(_ answer: Issuance) -> (text: String, grant: Grant)? {
        guard case .issued(let token?, let grant, _) = answer else { return nil }
        return (token.secretText, grant)
    }

    @Test func `a register lets in what the desk issues, and no more what it revokes`() async throws
    {
        let ledger = try await ledger()
        let (desk, register) = (TokenDesk(ledger), try await ledger.tokenRegister())
        let now = ledger.clock.wall()
        let made = try #require(
            issued(try await desk.issue(request(.system("s"), .append(.all)))))
        #expect(try await register.reloadIfChanged())
        let caller = try register.caller(bearing: made.text, at: now, apart: [])
        #expect(caller.grant == made.grant && caller.recorder == "svc:s")
        #expect(throws: AccessRefusal.self) {
            try register.caller(bearing: made.text, at: made.grant.expires, apart: [])
        }
        _ = try await desk.revoke(made.grant.id, by: "P-9", unit: "-", reason: "test")
        #expect(try await register.reloadIfChanged())
        #expect(throws: AccessRefusal.self) {
            try register.caller(bearing: made.text, at: now, apart: [])
        }
        try await ledger.close()
    }

    @Test func `a revocation counts at once in a service, also if the disk does not take it`()
        async throws
    {
        let ledger = try await ledger()
        let register = try await ledger.tokenRegister()
        let desk = TokenDesk(ledger, register: register)
        let now = ledger.clock.wall()
        let made = try #require(
            issued(try await desk.issue(request(.system("s"), .append(.all)))))
        #expect(try register.caller(bearing: made.text, at: now, apart: []).grant == made.grant)
        // A folder stands where the draft of the file would.
        try FileManager.default.createDirectory(
            atPath: TokenFile.path(in: ledger.folder) + ".new", withIntermediateDirectories: false)
        await #expect(throws: LedgerError.self) {
            try await desk.revoke(made.grant.id, by: "P-9", unit: "-", reason: "test")
        }
        #expect(throws: AccessRefusal.self) {
            try register.caller(bearing: made.text, at: now, apart: [])
        }
        try await ledger.close()
    }

    @Test func `many who ask at once get each a token, and one person one kind of administrator`()
        async throws
    {
        let ledger = try await ledger()
        let desk = TokenDesk(ledger)
        let kinds = Right.Administrator.allCases
        let answers = try await withThrowingTaskGroup(of: Issuance.self) { group in
            for number in 0..<24 {
                let wanted =
                    number % 2 == 0
                    ? request(.person("P-1"), .administer(kinds[number / 2 % 3]))
                    : request(.system("s"), .append(.all))
                group.addTask { try await desk.issue(wanted) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let grants = answers.compactMap { issued($0)?.grant }
        #expect(grants.count { $0.owner == .system("s") } == 12)
        let rights = Set(grants.filter { $0.owner == .person("P-1") }.flatMap(\.rights))
        #expect(rights.count == 1)
        let book = try await ledger.tokenBook()
        #expect(Set(book.entries.map(\.grant.id)) == Set(grants.map(\.id)))
        #expect(book.live(at: ledger.clock.wall()).count == grants.count)
        #expect(book.notices(at: ledger.clock.wall()) == [])
        try await ledger.close()
    }

    @Test func `an owner whose administration has expired may be another kind`() async throws {
        let offset = Mutex<Int64>(0)
        let base = LedgerClock.system.wall()
        let clock = LedgerClock(
            wall: { base.advanced(bySeconds: offset.withLock { $0 }) },
            steadySeconds: { offset.withLock { $0 } })
        let ledger = try await ledger(clock)
        let desk = TokenDesk(ledger)
        let person = Owner.person("P-1")
        var first = request(person, .administer(.system))
        first.expiry = .days(1)
        #expect(issued(try await desk.issue(first)) != nil)
        let second = request(person, .administer(.security))
        #expect(issued(try await desk.issue(second)) == nil)
        offset.withLock { $0 = 86_400 }
        #expect(issued(try await desk.issue(second)) != nil)
        try await ledger.close()
    }

    @Test func `a ledger that was opened for reading makes no token`() async throws {
        try await ledger().close()
        let reader = try await Ledger.open(home.path + "/ledger", .read, logger: logger)
        await #expect(throws: LedgerError.self) {
            try await TokenDesk(reader).issue(request(.system("s"), .append(.all)))
        }
        #expect(try await reader.tokenBook().entries.isEmpty)
        try await reader.close()
    }
}
