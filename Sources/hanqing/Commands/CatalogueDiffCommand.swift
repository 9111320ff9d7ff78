import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases

struct CatalogueDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say what differs between two catalogues. 比较两份目录。",
        discussion: """
            Without --with: a folder, or the ledger's catalogue, against the shipped one.
            Exit code 1 if they differ. 有差异时退出码为 1。
            """)

    @Option(
        name: .customLong("with"),
        help: ArgumentHelp("The other catalogue's folder. 另一份目录的文件夹。", valueName: "folder"))
    var other: String?

    @OptionGroup var source: CatalogueCommand.Source
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? source.ledger.folder)
        try await answering(printer) {
            let old = try await source.load(common)
            let new = try readCatalogue(try other.map { try catalogueFiles(in: $0) })
            let changes = CatalogueChanges(old, new).list
            if common.json {
                for change in changes {
                    printer.print(
                        .object([
                            JSONMember("what", .string(change.what)),
                            JSONMember("how", .string(change.how.rawValue)),
                        ]))
                }
            } else {
                for change in changes { printer.print(line(change, printer)) }
                printer.print(
                    Phrase(en: "\(changes.count) differences", zh: "共 \(changes.count) 处差异"))
            }
            if !changes.isEmpty { throw Exit.found }
        }
    }

    private func line(_ change: CatalogueChanges.Change, _ printer: Printer) -> String {
        switch change.how {
        case .added: printer.coloured("+ \(change.what)", .green)
        case .removed: printer.coloured("- \(change.what)", .red)
        case .changed: printer.coloured("~ \(change.what)", .yellow)
        }
    }
}

/// What was added, removed or changed, by name.
struct CatalogueChanges {
    struct Change {
        enum How: String {
            case added, removed, changed
        }

        let what: String
        let how: How
    }

    private(set) var list: [Change] = []

    init(_ old: EventCatalogue, _ new: EventCatalogue) {
        compare("law", old.laws, new.laws, \.id)
        compare("role", old.roles, new.roles, \.id)
        compare("enumeration", old.enumerations, new.enumerations, \.id)
        compare("region", old.regions, new.regions) { "\($0.code) \($0.from ?? "")" }
        compare("register", old.registers, new.registers, \.id)
        compare("indicator", old.indicators, new.indicators, \.id)
        compare("event", old.eventTypes, new.eventTypes, \.name)
        let (oldOnes, newOnes) = (old.procedures, new.procedures)
        compare("procedure", oldOnes.map(\.id), newOnes.map(\.id)) { $0 }
        compare("rule", oldOnes.flatMap(\.rules), newOnes.flatMap(\.rules), \.id)
        compare("duty", oldOnes.flatMap(\.duties), newOnes.flatMap(\.duties), \.id)
        compare(
            "disclosure", oldOnes.flatMap(\.disclosures), newOnes.flatMap(\.disclosures), \.id)
    }

    private mutating func compare<Item: Equatable>(
        _ kind: String, _ old: [Item], _ new: [Item], _ name: (Item) -> String
    ) {
        let before = Dictionary(old.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
        for name in Set(before.keys).union(after.keys).sorted() {
            switch (before[name], after[name]) {
            case (nil, _?): list.append(Change(what: "\(kind) \(name)", how: .added))
            case (_?, nil): list.append(Change(what: "\(kind) \(name)", how: .removed))
            case (let left?, let right?) where left != right:
                list.append(Change(what: "\(kind) \(name)", how: .changed))
            default: break
            }
        }
    }
}
