import Access
import ArgumentParser
import CanonicalJSON
import Digests
import DurableFiles
import LedgerHome
import Merkle
import Phrases
import Records

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Tokens: who may do what through a service. 访问令牌：谁可以通过服务做什么。",
        subcommands: [
            TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self,
            TokenCheckCommand.self,
        ])
}

struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token and show it once. 发放令牌（仅显示一次）。",
        discussion: """
            The grant is recorded first. Rights: append[:PROCEDURE], assert[:PROCEDURE],
            read:LEVEL[:PROCEDURE] (public, internal, supervisory), audit[:PROCEDURE],
            approve[:PROCEDURE], administer:KIND (system, security, audit). Without a
            procedure, or with *, a right is for all. assert, audit, approve and administer
            are granted by another person, with a reason; administrators exclude one
            another.
            With --certificate no token is made: who shows that certificate to the service
            over TLS may do it, and has nothing else to keep secret than the certificate's
            key.
            授权先行入账。assert、audit、approve、administer 须由他人授予并说明理由；三员互
            斥。
            """)

    @Option(help: "What it is for, in words. 用途名称。")
    var name: String

    @Option(help: ArgumentHelp("The person whose it is. 持有人代号。", valueName: "person"))
    var owner: String?

    @Option(help: ArgumentHelp("The system whose it is. 持有系统名称。", valueName: "name"))
    var system: String?

    @Option(help: "What it may do; may be repeated. 权限，可重复。")
    var right: [String] = []

    @Option(help: "As which role of the catalogue it submits; may be repeated. 提交角色，可重复。")
    var role: [String] = []

    @Option(
        help: ArgumentHelp(
            "For whom it speaks beside its owner, * for anybody; may be repeated. 可代何人经办。",
            valueName: "person"))
    var speaksFor: [String] = []

    @Option(help: "Days, such as 90d, or the last day. 有效天数或截止日。")
    var expires = "\(Grant.daysDefault)d"

    @Option(
        help: ArgumentHelp(
            "A client's certificate (PEM or DER) in a token's stead. 以客户端证书代替令牌。",
            valueName: "file"))
    var certificate: String?

    @Option(help: "Requests a second. 每秒请求数。")
    var rate: Int?

    @Option(help: "Requests at once after a rest. 突发请求数。")
    var burst: Int?

    @Option(help: "Who grants it (a pseudonymous id). 授权人代号。")
    var by = "administrator"

    @Option(help: "That person's unit. 授权人单位。")
    var unit = "-"

    @Option(help: "Why. 理由。")
    var reason: String?

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (owner == nil) != (system == nil) else {
            throw ValidationError("either --owner or --system; --owner 与 --system 须且只能填一项")
        }
        guard (rate == nil) == (burst == nil) else {
            throw ValidationError("--rate and --burst go together; --rate 与 --burst 须同时填写")
        }
    }

    func run() async throws {
        try await ledger.withLedger(.write, common) { ledger, printer in
            let request: TokenRequest
            do throws(AccessError) {
                request = try self.request()
            } catch {
                printer.complain(error.phrase)
                throw Exit.found
            }
            let issuance = try await TokenDesk(ledger).issue(request)
            switch issuance {
            case .issued(let token, let grant, let sequence):
                if common.json { return printer.print(issuance.json ?? .null) }
                show(token, grant, "\(sequence)", printer)
            case .refused(let phrases):
                for phrase in phrases { printer.complain(phrase) }
                throw Exit.found
            }
        }
    }

    private func request() throws(AccessError) -> TokenRequest {
        var rights: [Right] = []
        for text in right { rights.append(try Right(text)) }
        let owner = owner.map { Owner.person($0) } ?? .system(system ?? "")
        var request = TokenRequest(name: name, owner: owner, rights: rights, by: by, unit: unit)
        (request.roles, request.speaksFor, request.reason) = (role, speaksFor, reason)
        request.expiry = try Expiry(expires)
        request.certificate = try certificate.map(TokenCreateCommand.fingerprint)
        guard let rate, let burst else { return request }
        guard let both = Rate(perSecond: rate, burst: burst) else {
            throw AccessError(
                Phrase(
                    en: "--rate is 1 to \(Rate.perSecondMax), --burst 1 to \(Rate.burstMax)",
                    zh: "--rate 须为 1 至 \(Rate.perSecondMax)，--burst 须为 1 至 \(Rate.burstMax)"))
        }
        request.rate = both
        return request
    }

    private static func fingerprint(_ path: String) throws(AccessError) -> Digest {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.contents(path, limit: 1 << 20)
        } catch {
            throw AccessError(error.phrase)
        }
        guard let bytes else {
            throw AccessError(Phrase(en: "there is no file \(path)", zh: "没有文件 \(path)"))
        }
        guard let der = certificateDER(bytes) else {
            throw AccessError(
                Phrase(
                    en: "\(path) is no X.509 certificate in PEM or DER",
                    zh: "\(path) 不是 PEM 或 DER 格式的 X.509 证书"))
        }
        return SHA256.digest(of: der)
    }

    private func show(_ token: TokenText?, _ grant: Grant, _ number: String, _ printer: Printer) {
        let end = localTime(grant.expires.text)
        guard let token else {
            return printer.print(
                Phrase(
                    en: "Recorded as record \(number). \(grant.id): \(grant.owner.phrase.en) may "
                        + "do this by the certificate, until \(end) (+08:00). Take it back with "
                        + "hanqing token revoke \(grant.id).",
                    zh: "已记为记录 \(number)。\(grant.id)：\(grant.owner.phrase.zh) 凭该证书行使权限，"
                        + "有效期至 \(end)（+08:00）。撤销：hanqing token revoke \(grant.id)。"))
        }
        printer.print(
            Phrase(
                en: "Recorded as record \(number). The token \(grant.id) of "
                    + "\(grant.owner.phrase.en), good until \(end) (+08:00):",
                zh: "已记为记录 \(number)。\(grant.owner.phrase.zh) 的令牌 \(grant.id)，"
                    + "有效期至 \(end)（+08:00）："))
        printer.print("  " + token.secretText)
        printer.print(
            Phrase(
                en: "It is shown this once: whoever has it may do what it may. Take it back with "
                    + "hanqing token revoke \(grant.id).",
                zh: "令牌仅显示这一次，持有者即可行使其权限。撤销：hanqing token revoke \(grant.id)。"))
    }
}
