import ArgumentParser
import CanonicalJSON
import CaseTracing
import Catalogue
import LedgerHome
import Phrases
import Projections
import Rules

struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "What the record says of a person over all posts. 人员档案：历任职务与全部记录。",
        discussion: """
            Posts by day, every act with role, post and unit at the time, duties, findings,
            what speaks for and against, and who looked at data about the person; over
            several ledgers where --ledger is repeated.
            逐日任职、全部参与记录、职责、审计发现、有利与不利情形，以及谁查询过其信息。可
            重复 --ledger 合并多个账本。
            """)

    @Argument(help: "The pseudonymous id, such as P-1020. 人员代号。")
    var id: String

    @OptionGroup var part: NewestOption
    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledgers.withPasts(asOf, common) { asked, printer in
            let dossiers = try await Dossiers(
                of: id, newest: part.countMax, in: asked.pasts)
            common.json
                ? printer.print(dossiers.json)
                : printer.print(dossiers.account(asked.places(printer.language)))
        }
    }
}

/// How much of what there is is told.
struct NewestOption: ParsableArguments {
    @Option(help: "Only the newest so many. 只列最近记载的若干条。")
    var limit = 50

    @Flag(help: "All there is, however long it takes. 列出全部。")
    var all = false

    /// Nil is all.
    var countMax: Int? { all ? nil : limit }

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit: at least 1") }
    }
}

struct EnterpriseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enterprise",
        abstract: "All that the ledger holds of an enterprise. 企业档案：检查、隐患、许可、举报、处罚、事故。",
        discussion: """
            In the order in which it happened, with who handled, reviewed and signed, in
            the post held then. A reporter is never shown. Several ledgers are asked
            together: repeat --ledger. 按发生时间列出及当时承办、审核、签发人；举报人从不显
            示。可重复 --ledger 合并多个账本。
            """)

    @Argument(help: "The unified social credit code. 统一社会信用代码。")
    var code: String

    @Option(help: "So many years back. 回溯年数。")
    var years = 5

    @OptionGroup var part: NewestOption
    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard 1...100 ~= years else { throw ValidationError("--years is 1 to 100") }
    }

    func run() async throws {
        try await ledgers.withPasts(asOf, common) { asked, printer in
            let files = try await EnterpriseFiles(
                of: code, years: years, newest: part.countMax, in: asked.pasts)
            common.json
                ? printer.print(files.json)
                : printer.print(files.account(asked.places(printer.language)))
        }
    }
}

extension LedgerGroup<AskedLedger> {
    /// What each ledger calls things and is called itself, for an account in words.
    func places(_ language: Language) -> [AccountPlace] {
        zip(members, names).map { one, name in
            AccountPlace(Wording(one.past.shelf.newest.catalogue, language), name: name)
        }
    }
}
