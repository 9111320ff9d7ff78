import Access
import Foundation
import Records
import Synchronization
import TestKit
import Testing

@Suite struct TokenRegisterTests {
    private let folder: ScratchFolder
    private let first = Maker.issued(Maker.grant(1))
    private let second = Maker.issued(Maker.grant(2, .system("s"), ["append:*"]))

    init() throws {
        folder = try ScratchFolder()
    }

    private func save(_ lines: [TokenFile.Line]) throws {
        try TokenFile(origin: Maker.origin, lines: lines).save(folder.path)
    }

    private func register() async throws -> TokenRegister {
        let (path, log) = (folder.path, Maker.log([first.line, second.line]))
        return try await TokenRegister(ledger: path) { () throws(AccessError) in
            TokenBook(try TokenFile.load(path, origin: Maker.origin), log)
        }
    }

    private func lets(_ register: TokenRegister, _ token: TokenText) -> Bool {
        (try? register.caller(bearing: token.secretText, at: Maker.now, apart: [])) != nil
    }

    @Test func `a file that was replaced is read again, and one that was not is not`() async throws
    {
        try save([first.line])
        let register = try await register()
        #expect(lets(register, first.token) && !lets(register, second.token))
        #expect(try await !register.reloadIfChanged())
        try save([first.line, second.line])
        #expect(!lets(register, second.token))
        #expect(try await register.reloadIfChanged())
        #expect(lets(register, second.token))
        #expect(try await !register.reloadIfChanged())
    }

    @Test func `while the file cannot be read, the old book stands and the reason is given`()
        async throws
    {
        try save([first.line])
        let register = try await register()
        try Data("{}\n".utf8).write(to: URL(filePath: TokenFile.path(in: folder.path)))
        for _ in 0..<2 {
            await #expect(throws: AccessError.self) { try await register.reloadIfChanged() }
            #expect(lets(register, first.token))
        }
        try save([second.line])
        #expect(try await register.reloadIfChanged())
        #expect(!lets(register, first.token) && lets(register, second.token))
    }

    @Test func `each token has a bucket of its own, and a reload does not fill it`() async throws {
        try save([first.line, second.line])
        let register = try await register()
        let caller = try register.caller(bearing: first.token.secretText, at: Maker.now, apart: [])
        let other = try register.caller(bearing: second.token.secretText, at: Maker.now, apart: [])
        for _ in 0..<first.line.grant.rate.burst {
            #expect(register.take(caller, at: Maker.now) == .go)
        }
        #expect(register.take(caller, at: Maker.now) == .wait(seconds: 1))
        try await register.reload()
        #expect(register.take(caller, at: Maker.now) == .wait(seconds: 1))
        #expect(register.take(other, at: Maker.now) == .go)
        #expect(register.take(.nobody, at: Maker.now) == .go)
        #expect(register.take(caller, at: Maker.now.advanced(bySeconds: 1)) == .go)
    }

    @Test func `many tasks take no more than the burst together, while others reload`() async throws
    {
        try save([first.line])
        let register = try await register()
        let caller = try register.caller(bearing: first.token.secretText, at: Maker.now, apart: [])
        let passed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).count { _ in register.take(caller, at: Maker.now) == .go }
                }
                group.addTask {
                    for _ in 0..<20 { try await register.reload() }
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(passed == first.line.grant.rate.burst)
    }

    @Test func `what is no token is refused before anything is looked up`() async throws {
        try save([first.line])
        let register = try await register()
        for (text, code) in [
            ("", AccessRefusal.Code.malformed), ("hanqing_", .malformed),
            (String(first.token.secretText.dropLast()) + "!", .malformed),
            (TokenText.make().secretText, .unknown),
        ] {
            #expect(throws: AccessRefusal.self) {
                _ = try register.caller(bearing: text, at: Maker.now, apart: [])
            }
            do throws(AccessRefusal) {
                _ = try register.caller(bearing: text, at: Maker.now, apart: [])
            } catch {
                #expect(error.code == code)
            }
        }
    }
}
