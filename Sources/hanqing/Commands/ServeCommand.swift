import Access
import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import Glibc
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
            Holds the ledger open for writing until it is stopped: meanwhile hanqing append
            goes through it, other writers are told who has it, and what only reads works
            beside it. SIGTERM or Ctrl-C stops it when every request that has begun is
            answered; SIGHUP has it read its certificates again. GET / shows the API;
            Specs/http.md and Specs/serving.md describe it. A scrub runs behind unless
            --no-scrub is given.
            服务运行期间独占写入：hanqing append 经由服务入账；只读命令可同时使用。SIGTERM
            或 Ctrl-C 停止：已开始的请求都会得到答复；SIGHUP 重新读取证书。访问 / 可查看全
            部接口。

            What is not given here is looked for in HANQING_SERVE_LISTEN, _TLS_CERTIFICATE,
            _TLS_KEY, _CLIENT_CA, _LEDGER, _PUBLISH, _PUBLISH_POLICY, _WITHOUT_TOKENS,
            _SCRUB, then in the file of --config.
            未指定的选项依次取自环境变量 HANQING_SERVE_…、--config 文件。

            Who may do what is told by tokens: hanqing token create. The first must be made
            while the service does not run; a security administrator makes the others at
            /v1/tokens.
            权限由令牌决定：首个令牌须在服务停止时用 hanqing token create 发放。

            Try it 试用:
              hanqing serve --ledger books --without-tokens
              curl http://127.0.0.1:8610/v1/cases
            """)

    @Option(
        help: ArgumentHelp(
            "Where to listen, otherwise 127.0.0.1:8610; port 0 for any free one. 监听地址。",
            valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "Serve TLS with this certificate and its chain, in PEM. TLS 证书链。", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, in PEM. 证书私钥。", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Who shows a certificate by one of these authorities is known by it. 客户端证书的签发机构。",
            valueName: "file"))
    var clientCA: String?

    @Option(
        help: ArgumentHelp(
            "Publish the ledger into this folder at the catalogue's times. 按目录规定时刻发布至此目录。",
            valueName: "dir"))
    var publish: String?

    @Option(
        help: ArgumentHelp(
            "Whose quorum must cosign what is published. 发布须满足的见证策略。", valueName: "file"))
    var publishPolicy: String?

    @Flag(
        help: """
            Whoever reaches it may do everything: only on a loopback address, to try it out or for
            programs on this very machine. 不用令牌，仅限本机回环地址。
            """)
    var withoutTokens = false

    @Option(
        help: ArgumentHelp(
            "Settings in YAML; several ledgers are named there. YAML 配置文件。", valueName: "file"))
    var config: String?

    @Flag(help: "Say everything that is wrong with the settings, and end. 仅检查配置。")
    var checkConfig = false

    @OptionGroup var scrub: ScrubOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        var faults: [ServeFault] = []
        let settings = settings(&faults)
        let plan = ServePlan(settings, &faults)
        let printer = common.printer(for: settings.ledgers?.first?.folder.value)
        guard let plan, faults.isEmpty else {
            tell(faults, printer)
            throw checkConfig ? Exit.found : ExitCode.validationFailure
        }
        guard !checkConfig else { return tell(faults, printer) }
        ServeCommand.raiseOpenFilesMax()
        try await serve(plan)
    }

    // MARK: - Settings

    /// A flag before the environment, the environment before the file.
    private func settings(_ faults: inout [ServeFault]) -> ServeSettings {
        let environment = ProcessInfo.processInfo.environment
        var settings = given.over(ServeSettings.reading(environment: environment, &faults))
        if let path = config ?? environment["HANQING_SERVE_CONFIG"] {
            settings = settings.over(ServeSettings.reading(file: path, &faults))
        }
        if settings.ledgers == nil, let folder = environment["HANQING_LEDGER"], !folder.isEmpty {
            settings.ledgers = [.init(folder: .init(folder, at: "HANQING_LEDGER"))]
        }
        return settings
    }

    private var given: ServeSettings {
        var settings = ServeSettings()
        settings.listen = listen.map { .init($0, at: "--listen") }
        settings.certificate = tlsCertificate.map { .init($0, at: "--tls-certificate") }
        settings.key = tlsKey.map { .init($0, at: "--tls-key") }
        settings.clientAuthorities = clientCA.map { .init($0, at: "--client-ca") }
        settings.publish = publish.map { .init($0, at: "--publish") }
        settings.publishPolicy = publishPolicy.map { .init($0, at: "--publish-policy") }
        if withoutTokens { settings.withoutTokens = .init(true, at: "--without-tokens") }
        if scrub.noScrub { settings.scrub = .init(false, at: "--no-scrub") }
        settings.ledgers = ledger.ledger.first.map {
            [.init(folder: .init($0, at: "--ledger"))]
        }
        return settings
    }

    private func tell(_ faults: [ServeFault], _ printer: Printer) {
        if printer.isJSON {
            printer.print([
                "sound": .bool(faults.isEmpty),
                "faults": .array(
                    faults.map {
                        [
                            "place": .string($0.place),
                            "reason": .string($0.reason[printer.language]),
                        ]
                    }),
            ])
        } else {
            for fault in faults { printer.complain(fault.phrase) }
            if faults.isEmpty {
                printer.print(Phrase(en: "the settings are sound", zh: "配置无误"))
            }
        }
        printer.flush()
    }

    // MARK: - Serving

    /// As many connections and files as the system lets us have: of the usual 1,024 a service with
    /// many followers would have none left for its ledger.
    private static func raiseOpenFilesMax() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Not to be had: the service runs with what there is.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func serve(_ plan: ServePlan) async throws {
        try await opening(.write, common, { plan.ledgers.map(\.folder) }) { ledgers, printer in
            var options = LedgerService.Options()
            (options.host, options.port) = (plan.address.host, plan.address.port)
            options.language = printer.language
            options.certificates = plan.certificates
            options.supervisor = Supervisor(ProcessInfo.processInfo.environment)
            var members: [LedgerService.Member] = []
            var tokenCount: Int? = plan.withoutTokens ? nil : 0
            for (named, ledger) in zip(plan.ledgers, ledgers.members) {
                let tokens = plan.withoutTokens ? nil : try await ledger.tokenRegister()
                let apart = try ledger.apartEver()
                let door: any Authenticator =
                    tokens.map { TokenDoor($0, ledger.clock, apart: apart) } ?? OpenDoor()
                members.append(
                    LedgerService.Member(
                        ledger, door, tokens: tokens, prefix: named.prefix,
                        publication: PublicationPlan(named.publish, WitnessPost())))
                if let tokens {
                    tokenCount = (tokenCount ?? 0) + tokens.book.live(at: ledger.clock.wall()).count
                }
            }
            let (count, language, isJSON) = (tokenCount, printer.language, printer.isJSON)
            let service = try await LedgerService(members, options, logger: logger) { port in
                ServeGreeting(plan, port: port, tokenCount: count).print(
                    Printer(language: language, isJSON: isJSON))
            }
            try await behind(plan, ledgers.members[...], printer) {
                try await service.runUntilSignal()
            }
        }
    }

    /// Runs `body` with a scrub behind each ledger.
    private func behind(
        _ plan: ServePlan, _ ledgers: ArraySlice<Ledger>, _ printer: Printer,
        _ body: () async throws -> Void
    ) async throws {
        guard plan.scrubs, let first = ledgers.first else { return try await body() }
        try await scrub.behind(first, printer, logger) {
            try await behind(plan, ledgers.dropFirst(), printer, body)
        }
    }

    /// A service says what it does; a command only what goes wrong.
    private var logger: Logger {
        var logger = common.logger
        if !common.verbose { logger.logLevel = .notice }
        return logger
    }
}

/// What is said when the service listens.
private struct ServeGreeting {
    private let url: String
    private let ledgers: [(prefix: String?, folder: String)]
    /// Nil if none is asked for.
    private let tokenCount: Int?

    init(_ plan: ServePlan, port: Int, tokenCount: Int?) {
        self.tokenCount = tokenCount
        url = plan.address.url(port: port, isSecure: plan.certificates != nil)
        ledgers = plan.ledgers.map { ($0.prefix, $0.folder) }
    }

    func print(_ printer: Printer) {
        let served = ledgers.map { (url: $0.prefix.map { "\(url)/\($0)" } ?? url, $0.folder) }
        if printer.isJSON {
            printer.print([
                "url": .string(url),
                "ledgers": .array(
                    served.map { ["url": .string($0.url), "ledger": .string($0.1)] }),
                "tokens": tokenCount.map { .integer(Int64($0)) } ?? .null,
            ])
        } else {
            for (url, folder) in served {
                printer.print(
                    Phrase(
                        en: "\(folder) is served at \(url)/", zh: "账本 \(folder) 已在 \(url)/ 提供服务"))
            }
            hint(served[0].url, printer)
        }
        printer.flush()
    }

    private func hint(_ url: String, _ printer: Printer) {
        let header = tokenCount == nil ? "" : #"-H "Authorization: Bearer $HANQING_TOKEN" "#
        printer.print(
            Phrase(
                en: "Open it in a browser to see the API, or try", zh: "可用浏览器打开查看接口，或试用"))
        printer.print("  curl \(header)\(url)/v1/cases")
        printer.print("  curl \(url)/readyz")
        printer.print("  curl -N \(header)\(url)/v1/stream")
        printer.print(access)
    }

    private var access: Phrase {
        switch tokenCount {
        case nil:
            Phrase(
                en: "Whoever reaches this address may do everything. Ctrl-C stops it.",
                zh: "凡能访问该地址者均有全部权限。Ctrl-C 停止。")
        case 0?:
            Phrase(
                en: """
                    No token is good yet, so nobody gets in. Stop this with Ctrl-C, and make one:
                      hanqing token create --ledger \(ledgers[0].folder) --name security \
                        --owner P-1 --right administer:security --by P-2 --reason …
                    """,
                zh: """
                    尚无有效令牌，无人可以访问。请用 Ctrl-C 停止服务，再发放令牌：
                      hanqing token create --ledger \(ledgers[0].folder) --name security \
                        --owner P-1 --right administer:security --by P-2 --reason …
                    """)
        case let count?:
            Phrase(
                en: "Tokens that are good: \(count). Ctrl-C stops it.",
                zh: "有效令牌 \(count) 个。Ctrl-C 停止。")
        }
    }
}
