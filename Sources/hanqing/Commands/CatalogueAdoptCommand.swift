import ArgumentParser
import CanonicalJSON
import Digests
import LedgerData
import LedgerHome
import Merkle
import Phrases

struct CatalogueAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Put another catalogue in force. 采用新的目录。",
        discussion: """
            Records the adoption and keeps the files for life. What was recorded before
            keeps its effect. A catalogue with errors, or one that leaves open cases
            without a way on, is not adopted (exit code 1). 会使在办案件无法继续的目录不予
            采用。
            """)

    @Argument(help: "The catalogue's folder; without it, the shipped one. 目录文件夹；缺省为内置目录。")
    var folder: String?

    @Option(help: "Who orders it (a pseudonymous id). 经办人代号。")
    var person: String

    @Option(help: "That person's unit. 经办单位。")
    var unit = "-"

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.write, common) { ledger, printer in
            let files = try folder.map { try catalogueFiles(in: $0) }
            let adoption = try await ledger.adopt(files: files, person: person, unit: unit)
            common.json ? printer.print(json(adoption)) : show(adoption, printer)
            if case .stranded = adoption { throw Exit.found }
        }
    }

    private func show(_ adoption: Adoption, _ printer: Printer) {
        switch adoption {
        case .recorded(let sequence, let digest, let staysApart):
            printer.print(
                Phrase(
                    en: "Adopted as record \(sequence): \(digest.hex)",
                    zh: "已采用，记为记录 \(sequence)：\(digest.hex)"))
            for procedure in staysApart {
                printer.print(
                    Phrase(
                        en: "\(procedure) stays apart, though this catalogue does not say so: who "
                            + "reads it still needs a right that names it",
                        zh: "本目录未再将 \(procedure) 单独保管，但其仍单独保管：查阅者仍须持有指名该程序的权限"))
            }
        case .inForce(let digest):
            printer.print(
                Phrase(en: "In force already: \(digest.hex)", zh: "已在施行：\(digest.hex)"))
        case .stranded(let cases):
            for stranded in cases.prefix(50) {
                printer.print("\(stranded.stream): \(stranded.reason[printer.language])")
            }
            printer.print(
                Phrase(
                    en: "Not adopted: \(cases.count) open cases could not go on. Keep what they "
                        + "need in the new catalogue, or end them first",
                    zh: "未采用：有 \(cases.count) 个在办案件将无法继续。请在新目录中保留其所需内容，或先行结案"))
        }
    }

    private func json(_ adoption: Adoption) -> JSONValue {
        switch adoption {
        case .recorded(let sequence, let digest, let staysApart):
            [
                "adopted": .bool(true), "seq": .integer(Int64(sequence.rawValue)),
                "catalogue": .string(digest.hex),
                "staysApart": .array(staysApart.map { .string($0) }),
            ]
        case .inForce(let digest):
            ["adopted": .bool(false), "inForce": .bool(true), "catalogue": .string(digest.hex)]
        case .stranded(let cases):
            [
                "adopted": .bool(false),
                "stranded": .array(
                    cases.map { ["stream": .string($0.stream), "reason": phraseJSON($0.reason)] }),
            ]
        }
    }
}
