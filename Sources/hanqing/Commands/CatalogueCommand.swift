import ArgumentParser
import CanonicalJSON
import Catalogue
import Digests
import LedgerHome
import Phrases

struct CatalogueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalogue",
        abstract: "Look at procedures and event types; check, compare, adopt. 查看、检查、比较与采用目录。",
        subcommands: [
            List.self, Show.self, CatalogueCheckCommand.self, CatalogueDiffCommand.self,
            CatalogueDocsCommand.self, CatalogueRehearseCommand.self, CatalogueTraceCommand.self,
            CatalogueCompileCommand.self, CatalogueAdoptCommand.self,
        ])

    /// Which catalogue: a folder, the ledger's, or the shipped one.
    struct Source: ParsableArguments {
        @Option(
            help: ArgumentHelp("A folder of procedures. 程序目录文件夹。", valueName: "folder"))
        var catalogue: String?

        @OptionGroup var ledger: LedgerOption

        func load(_ common: CommonOptions) async throws -> EventCatalogue {
            if catalogue == nil, let folder = try? ledger.folder {
                let ledger = try await Ledger.open(folder, .read, logger: common.logger)
                return ledger.catalogue
            }
            return try readCatalogue(try catalogue.map { try catalogueFiles(in: $0) })
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List procedures and their events. 列出程序及其事件。")

        @Argument(help: "Only this procedure. 只看该程序。")
        var procedure: String?

        @OptionGroup var source: Source
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let printer = common.printer(for: try? source.ledger.folder)
            try await answering(printer) {
                let catalogue = try await source.load(common)
                let chosen = catalogue.procedures.filter {
                    procedure == nil || $0.id == procedure
                }
                guard !chosen.isEmpty else {
                    throw LedgerError(
                        en: "there is no procedure \(procedure ?? "")",
                        zh: "没有程序 \(procedure ?? "")")
                }
                common.json
                    ? printer.print(json(chosen, catalogue)) : show(chosen, catalogue, printer)
            }
        }

        private func json(_ procedures: [Procedure], _ catalogue: EventCatalogue) -> JSONValue {
            [
                "id": .string(catalogue.id), "version": .string(catalogue.version),
                "digest": .string(catalogue.digest.hex),
                "procedures": .array(
                    procedures.map { procedure in
                        [
                            "id": .string(procedure.id),
                            "title": title(procedure.title),
                            "events": .array(procedure.events.map { .string($0) }),
                        ]
                    }),
            ]
        }

        private func show(
            _ procedures: [Procedure], _ catalogue: EventCatalogue, _ printer: Printer
        ) {
            for procedure in procedures {
                printer.print(
                    printer.coloured(procedure.id, .bold) + "  "
                        + procedure.title[printer.language])
                printer.table(
                    procedure.events.map { name in
                        let type = catalogue.eventType(name)
                        return ["  " + name, type?.title[printer.language] ?? ""]
                    })
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an event type's fields. 查看事件类型的字段。")

        @Argument(help: "An event type, such as penalty.decided. 事件类型。")
        var type: String

        @Flag(help: "Print a valid CloudEvent to start from. 打印一个有效的示例事件。")
        var example = false

        @OptionGroup var source: Source
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let printer = common.printer(for: try? source.ledger.folder)
            try await answering(printer) {
                let catalogue = try await source.load(common)
                guard let found = catalogue.eventType(type) else {
                    throw LedgerError(
                        en: "there is no event type \(type); see hanqing catalogue list",
                        zh: "没有事件类型 \(type)；可用 hanqing catalogue list 查看")
                }
                if example {
                    printer.print(catalogue.example(of: found))
                } else if common.json {
                    printer.print(json(found))
                } else {
                    show(found, catalogue, printer)
                }
            }
        }

        private func show(_ type: EventType, _ catalogue: EventCatalogue, _ printer: Printer) {
            let language = printer.language
            printer.print(printer.coloured(type.name, .bold) + "  " + type.title[language])
            if let note = type.note { printer.print("  " + note) }
            let yes = printer.text(en: "required", zh: "必填")
            printer.table(
                type.fields.map { field in
                    [
                        "  " + field.name, field.title[language],
                        field.type.rawValue + (field.isList ? "[]" : ""),
                        field.isRequired ? yes : "", field.readingClass.rawValue,
                        field.values.prefix(8).joined(separator: "|"),
                    ]
                })
            for participant in type.participants {
                let title = catalogue.role(participant.role)?.title[language] ?? participant.role
                printer.print(
                    Phrase(
                        en: "  at least \(participant.minimum) participant in the role "
                            + "\(participant.role) (\(title))",
                        zh: "  至少 \(participant.minimum) 名参与人，角色 \(participant.role)（\(title)）"))
            }
        }

        private func json(_ type: EventType) -> JSONValue {
            [
                "type": .string(type.name), "title": title(type.title),
                "procedure": type.procedure.map { .string($0) } ?? .null,
                "stage": type.stage.map { .string($0) } ?? .null, "ends": .bool(type.ends),
                "fields": .array(
                    type.fields.map { field in
                        [
                            "name": .string(field.name), "title": title(field.title),
                            "type": .string(field.type.rawValue), "list": .bool(field.isList),
                            "required": .bool(field.isRequired),
                            "class": .string(field.readingClass.rawValue),
                            "values": .array(field.values.map { .string($0) }),
                        ]
                    }),
                "participants": .array(
                    type.participants.map {
                        [
                            "role": .string($0.role), "minimum": .integer(Int64($0.minimum)),
                            "distinct": .bool($0.isDistinct),
                        ]
                    }),
            ]
        }
    }
}

private func title(_ phrase: Phrase) -> JSONValue {
    ["zh": .string(phrase.zh), "en": .string(phrase.en)]
}
