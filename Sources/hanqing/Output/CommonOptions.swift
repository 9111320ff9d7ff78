import ArgumentParser
import Auditing
import Foundation
import LedgerHome
import Logging
import Phrases

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs. 输出 JSON。")
    var json = false

    @Option(help: "Language: zh or en. 语言。")
    var lang: String?

    @Flag(help: "Log to standard error; field values are left out. 将日志写到标准错误。")
    var verbose = false

    func validate() throws {
        if let lang, Language(rawValue: lang) == nil {
            throw ValidationError("--lang is zh or en, not \(lang)")
        }
    }

    var logger: Logger {
        var logger = Logger(label: "hanqing", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = verbose ? .debug : .error
        return logger
    }

    /// `--lang`, the ledger's own language, then the locale's.
    func language(of ledger: String? = nil) -> Language {
        if let lang, let language = Language(rawValue: lang) { return language }
        if let ledger, let settings = try? LedgerSettings(folder: ledger),
            let language = settings.language
        {
            return language
        }
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
        return locale?.hasPrefix("zh") == true ? .chinese : .english
    }

    func printer(for ledger: String? = nil) -> Printer {
        Printer(language: language(of: ledger), isJSON: json)
    }
}

/// Which ledger.
struct LedgerOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The ledger's folder; otherwise HANQING_LEDGER. 账本目录。", valueName: "dir"))
    var ledger: String?

    var folder: String {
        get throws {
            if let folder = ledger ?? ProcessInfo.processInfo.environment["HANQING_LEDGER"],
                !folder.isEmpty
            {
                return folder
            }
            throw LedgerError(
                en: "which ledger? Name its folder with --ledger DIR or HANQING_LEDGER",
                zh: "哪个账本？请用 --ledger DIR 或环境变量 HANQING_LEDGER 指定目录")
        }
    }
}

/// Runs a command's body; what it throws becomes a sentence and an exit code here and only here.
func answering(
    _ printer: Printer, _ body: () async throws -> Void
) async throws {
    do {
        try await body()
        printer.flush()
    } catch let error as LedgerError {
        for phrase in error.phrases { printer.complain(phrase) }
        throw Exit.unanswered
    } catch let error as SourceError {
        printer.complain(error.phrase)
        throw Exit.unanswered
    } catch let error as ExitCode {
        printer.flush()
        throw error
    } catch let error as CocoaError {
        printer.complain(
            Phrase(en: error.localizedDescription, zh: error.localizedDescription))
        throw Exit.unanswered
    }
}

extension LedgerOption {
    /// Opens the ledger and gives it to `body`; a writer is closed whatever happens.
    func withLedger(
        _ access: Ledger.Access, _ common: CommonOptions,
        _ body: (Ledger, Printer) async throws -> Void
    ) async throws {
        let named = try? folder
        let printer = common.printer(for: named)
        try await answering(printer) {
            let ledger = try await Ledger.open(
                try folder, access, logger: common.logger, progress: progress(printer))
            for phrase in ledger.startUp { printer.complain(phrase) }
            do {
                try await body(ledger, printer)
            } catch {
                try await ledger.close()
                throw error
            }
            try await ledger.close()
        }
    }

    private func progress(_ printer: Printer) -> @Sendable (Ledger.Progress) -> Void {
        let line = printer.progress(Phrase(en: "making the index", zh: "正在重建索引"), .records)
        return { line.tell(done: $0.done, total: $0.total) }
    }
}
