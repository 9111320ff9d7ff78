import Access
import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import LedgerHome
import Merkle
import Phrases
import Records
import Sequencing

struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The tokens, and what has become of them. 查看令牌。",
        discussion: "Nobody can see a token here: only its id and what it may. 此处不显示令牌本身。")

    @Flag(help: "Those too that are revoked or have expired. 包括已撤销和已过期的。")
    var all = false

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let book = try await ledger.tokenBook()
            let now = ledger.clock.wall()
            let entries = book.entries(all: all, at: now)
            for notice in book.notices(at: now) { printer.complain(notice) }
            guard !common.json else {
                return printer.print(.array(entries.map { book.json($0, at: now) }))
            }
            guard !entries.isEmpty else {
                return printer.print(
                    Phrase(
                        en: "No tokens. Make one with hanqing token create.",
                        zh: "没有令牌。可用 hanqing token create 发放。"))
            }
            let head = [
                printer.text(en: "id", zh: "编号"), printer.text(en: "state", zh: "状态"),
                printer.text(en: "owner", zh: "持有者"), printer.text(en: "until", zh: "有效期至"),
                printer.text(en: "name", zh: "名称"), printer.text(en: "rights", zh: "权限"),
            ]
            printer.table(
                [head.map { printer.coloured($0, .grey) }]
                    + entries.map { row($0, book.state(of: $0, at: now), printer) })
        }
    }

    private func row(
        _ entry: TokenBook.Entry, _ state: TokenBook.State, _ printer: Printer
    ) -> [String] {
        let grant = entry.grant
        return [
            grant.id.text, state.title[printer.language], grant.owner.phrase[printer.language],
            localTime(grant.expires.text), grant.name,
            grant.rights.map(\.text).joined(separator: " "),
        ]
    }

}

struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a token back, for good. 撤销令牌。")

    @Argument(help: "Its id, such as tk-0123456789ab. 令牌编号。")
    var id: String

    @Option(help: "Who revokes it (a pseudonymous id). 撤销人代号。")
    var by: String

    @Option(help: "That person's unit. 撤销人单位。")
    var unit = "-"

    @Option(help: "Why. 理由。")
    var reason: String

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.write, common) { ledger, printer in
            guard let token = TokenID(id) else {
                printer.complain(
                    Phrase(
                        en: "revoke by the token's id, such as tk-0123456789ab; never give the "
                            + "token itself",
                        zh: "请填写令牌编号（如 tk-0123456789ab），切勿填写令牌本身"))
                throw Exit.found
            }
            let answer = try await TokenDesk(ledger).revoke(
                token, by: by, unit: unit, reason: reason)
            switch answer {
            case .recorded(let sequence): show("\(token)", sequence, isNew: true, printer)
            case .already(let withdrawal):
                show("\(token)", withdrawal.sequence, isNew: false, printer)
            case .refused(let phrases):
                for phrase in phrases { printer.complain(phrase) }
                throw Exit.found
            }
        }
    }

    private func show(
        _ id: String, _ sequence: SequenceNumber, isNew: Bool, _ printer: Printer
    ) {
        guard !common.json else {
            let answer: JSONValue = [
                "id": .string(id), "seq": .integer(Int64(sequence.rawValue)),
                "already": .bool(!isNew),
            ]
            return printer.print(answer)
        }
        printer.print(
            isNew
                ? Phrase(
                    en: "Revoked \(id): record \(sequence).", zh: "已撤销 \(id)：记录 \(sequence)。")
                : Phrase(
                    en: "\(id) is revoked already: record \(sequence).",
                    zh: "\(id) 此前已撤销：记录 \(sequence)。"))
    }
}

struct TokenCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what a token may do. 查看令牌可做什么。",
        discussion: """
            Reads the token from standard input, so that it is not seen among the
            processes:
            hanqing token check < FILE. 从标准输入读取令牌，以免出现在进程列表中。
            """)

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let input = try FileHandle.standardInput.read(upToCount: 1024) ?? Data()
            let text = String(decoding: input, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let (book, apart) = (try await ledger.tokenBook(), try ledger.apartEver())
            do throws(AccessRefusal) {
                let caller = try book.caller(
                    try TokenText(text), at: ledger.clock.wall(), apart: apart)
                guard let grant = caller.grant else { return }
                common.json
                    ? printer.print(["good": true, "grant": grant.json])
                    : show(grant, printer)
            } catch {
                if common.json {
                    let answer: JSONValue = [
                        "good": false, "code": .string(error.code.rawValue),
                        "reason": phraseJSON(error.phrase),
                    ]
                    printer.print(answer)
                } else {
                    printer.complain(error.phrase)
                }
                throw Exit.found
            }
        }
    }

    private func show(_ grant: Grant, _ printer: Printer) {
        let language = printer.language
        var rows = [
            [printer.text(en: "token", zh: "令牌"), "\(grant.id)  \(grant.name)"],
            [printer.text(en: "owner", zh: "持有者"), grant.owner.phrase[language]],
            [printer.text(en: "good until", zh: "有效期至"), localTime(grant.expires.text)],
        ]
        for right in grant.rights {
            rows.append([
                printer.text(en: "may", zh: "可"), "\(right.words[language])  (\(right.text))",
            ])
        }
        if !grant.roles.isEmpty {
            let roles = grant.roles.joined(separator: " ")
            rows.append([printer.text(en: "submits as", zh: "提交角色"), roles])
        }
        let speaks = [grant.owner.name] + grant.speaksFor.texts
        rows.append([
            printer.text(en: "speaks for", zh: "可代经办"), speaks.joined(separator: " "),
        ])
        rows.append([
            printer.text(en: "rate", zh: "限速"),
            printer.text(
                en: "\(grant.rate.perSecond) a second, \(grant.rate.burst) at once",
                zh: "每秒 \(grant.rate.perSecond) 次，突发 \(grant.rate.burst) 次"),
        ])
        printer.table(rows)
    }
}
