import ArgumentParser
import Auditing
import Foundation
import Glibc
import LedgerHome
import Logging
import Phrases
import Projections

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs. 输出 JSON。")
    var json = false

    @Option(help: "Language: zh or en. 语言。")
    var lang: String?

    @Flag(help: "Log to standard error; field values are left out. 将日志写到标准错误。")
    var verbose = false

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the private keys' passphrase; otherwise "
                + "HANQING_PASSPHRASE_FILE. 私钥口令文件。", valueName: "file"))
    var passphraseFile: String?

    func validate() throws {
        // What opens a ledger asks the environment: one place, whoever named the file.
        if let passphraseFile { setenv(Passphrase.variable, passphraseFile, 1) }
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

/// Which ledger: one.
struct LedgerOption: ParsableArguments, NamesLedgers {
    @Option(
        help: ArgumentHelp(
            "The folder of the one ledger; otherwise HANQING_LEDGER. 账本目录（仅限一个）。", valueName: "dir")
    )
    var ledger: [String] = []

    func validate() throws {
        guard ledger.count < 2 else {
            throw ValidationError(
                "this command takes one --ledger, not \(ledger.count). 本命令只能指定一个账本。")
        }
    }

    var folder: String {
        get throws { try ledger.first ?? LedgerOption.standard }
    }

    var folders: [String] {
        get throws { [try folder] }
    }

    /// The ledger that is meant where none is named.
    static var standard: String {
        get throws {
            if let folder = ProcessInfo.processInfo.environment["HANQING_LEDGER"],
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
    } catch let error as ProjectionError {
        printer.complain(error.phrase)
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
        try await opening(access, common, { try folders }) { ledgers, printer in
            try await body(ledgers.members[0], printer)
        }
    }
}
