import ArgumentParser
import Catalogue
import LedgerHome

struct CatalogueCompileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile",
        abstract: "Print the compiled form, whose SHA-256 is the digest. 打印目录的编译形式。",
        discussion: """
            One line of canonical JSON, without a line feed: what is adopted and kept for
            life (Specs/catalogue.md section 14).
            规范 JSON 一行，末尾无换行；其 SHA-256 即目录摘要。
            """)

    @OptionGroup var source: CatalogueCommand.Source
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? source.ledger.folder)
        try await answering(printer) {
            if source.catalogue == nil, (try? source.ledger.folder) != nil {
                printer.write(try await source.load(common).compiled)
                return
            }
            let files = try source.catalogue.map { try catalogueFiles(in: $0) }
            printer.write(try readCatalogue(files).compiled)
        }
    }
}
