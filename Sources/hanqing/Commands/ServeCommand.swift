import Access
import ArgumentParser
import CanonicalJSON
import HTTPService
import LedgerHome
import Logging
import Phrases
import Sequencing

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Let other services append and ask over HTTP. 以 HTTP 提供入账与查询服务。",
        discussion: """
            Holds the ledger open for writing until it is stopped: meanwhile hanqing append and
            import are told who has it; what only reads works beside it. SIGTERM or Ctrl-C stops
            it when every request that has begun is answered. GET / shows the API, and
            Specs/http.md describes it. A scrub runs behind unless --no-scrub is given.
            服务运行期间独占写入；只读命令可同时使用。SIGTERM 或 Ctrl-C 停止：已开始的请求都会得到答复。
            访问 / 可查看全部接口。

            Who may do what is told by tokens: hanqing token create. The first must be made while
            the service does not run; a security administrator makes the others at /v1/tokens.
            权限由令牌决定：首个令牌须在服务停止时用 hanqing token create 发放。

            Try it 试用:
              hanqing serve --ledger books --without-tokens
              curl http://127.0.0.1:8610/v1/cases
            """)

    @Option(
        help: ArgumentHelp(
            "Where to listen; port 0 for any free one. 监听地址。", valueName: "host:port"))
    var listen = "127.0.0.1:8610"

    @Flag(
        help: """
            Whoever reaches it may do everything: only on a loopback address, to try it out or for
            programs on this very machine. 不用令牌，仅限本机回环地址。
            """)
    var withoutTokens = false

    @OptionGroup var scrub: ScrubOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard let place else {
            throw ValidationError("--listen \(listen): a host and a port, such as 127.0.0.1:8610")
        }
        guard place.isLoopback || !withoutTokens else {
            throw ValidationError(
                "--without-tokens is for a loopback address (127.0.0.1, ::1, localhost), not "
                    + "\(place.host). --without-tokens 仅限本机回环地址")
        }
    }

    private var place: ListenAddress? { ListenAddress(listen) }

    func run() async throws {
        guard let place else { return }
        try await ledger.withLedger(.write, common) { ledger, printer in
            var options = LedgerService.Options()
            (options.host, options.port) = (place.host, place.port)
            options.language = printer.language
            let (language, isJSON) = (printer.language, printer.isJSON)
            let register = withoutTokens ? nil : try await ledger.tokenRegister()
            let tokenCount = register?.book.live(at: ledger.clock.wall()).count
            let service = try await LedgerService(
                ledger, register.map { TokenDoor($0, ledger.clock) } ?? OpenDoor(), options,
                tokens: register, logger: logger
            ) { port in
                ServeGreeting(place.url(port: port), ledger.folder, tokenCount: tokenCount)
                    .print(Printer(language: language, isJSON: isJSON))
            }
            try await scrub.behind(ledger, printer, logger) {
                try await service.runUntilSignal()
            }
        }
    }

    /// A service says what it does; a command only what goes wrong.
    private var logger: Logger {
        var logger = common.logger
        if !common.verbose { logger.logLevel = .notice }
        return logger
    }
}

/// `HOST:PORT`; an IPv6 address stands in brackets.
private struct ListenAddress {
    let host: String
    let port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), 0...65_535 ~= port
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains("[") else { return nil }
        (self.host, self.port) = (host, port)
    }

    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
            .map { UInt8($0) }
        return numbers.count == 4 && !numbers.contains(nil) && numbers[0] == 127
    }

    func url(port: Int) -> String {
        "http://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }
}

/// What is said when the service listens.
private struct ServeGreeting {
    private let url: String
    private let ledger: String
    /// Nil if none is asked for.
    private let tokenCount: Int?

    init(_ url: String, _ ledger: String, tokenCount: Int?) {
        (self.url, self.ledger, self.tokenCount) = (url, ledger, tokenCount)
    }

    func print(_ printer: Printer) {
        if printer.isJSON {
            printer.print([
                "url": .string(url), "ledger": .string(ledger),
                "tokens": tokenCount.map { .integer(Int64($0)) } ?? .null,
            ])
        } else {
            printer.print(
                Phrase(
                    en: "\(ledger) is served at \(url)", zh: "账本 \(ledger) 已在 \(url) 提供服务"))
            printer.print(
                Phrase(
                    en: "Open it in a browser to see the API, or try", zh: "可用浏览器打开查看接口，或试用"))
            let header = tokenCount == nil ? "" : #"-H "Authorization: Bearer $HANQING_TOKEN" "#
            printer.print(
                """
                  curl \(header)\(url)/v1/cases
                  curl \(url)/readyz
                  curl -N \(header)\(url)/v1/stream
                """)
            printer.print(access)
            printer.print(Phrase(en: "Ctrl-C stops it.", zh: "Ctrl-C 停止。"))
        }
        printer.flush()
    }

    private var access: Phrase {
        switch tokenCount {
        case nil:
            Phrase(
                en: "Whoever reaches this address may do everything.", zh: "凡能访问该地址者均有全部权限。")
        case 0?:
            Phrase(
                en: """
                    No token is good yet, so nobody gets in. Stop this, and make one:
                      hanqing token create --ledger \(ledger) --name security --owner P-1 \
                        --right administer:security --by P-2 --reason …
                    """,
                zh: """
                    尚无有效令牌，无人可以访问。请先停止服务，再发放令牌：
                      hanqing token create --ledger \(ledger) --name security --owner P-1 \
                        --right administer:security --by P-2 --reason …
                    """)
        case let count?:
            Phrase(en: "Tokens that are good: \(count).", zh: "有效令牌 \(count) 个。")
        }
    }
}
