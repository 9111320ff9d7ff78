import ArgumentParser
import CanonicalJSON
import Checkpoints
import DurableFiles
import Foundation
import HTTPService
import LedgerHome
import Logging
import Phrases
import Witnessing

struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Cosign one history of each ledger. 见证：对每个账本只联署一份历史。",
        subcommands: [WitnessServeCommand.self, WitnessKeyCommand.self])
}

struct WitnessKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make a witness's key, or show the public one. 生成或显示见证人密钥。",
        discussion: "Prints the verifier key that goes into policies. 打印写入见证策略的验证公钥。")

    @Argument(help: "The key's file. 密钥文件。")
    var file: String

    @Option(
        help: ArgumentHelp(
            "Make a new key under this name, such as witness.example/w1. 以该名称生成新密钥。",
            valueName: "name"))
    var name: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let key = try name.map { try make($0) } ?? readWitnessKey(file)
            let text = key.cosignerKey.description
            printer.isJSON ? printer.print(["vkey": .string(text)]) : printer.print(text)
        }
    }

    private func make(_ name: String) throws(LedgerError) -> SignerKey {
        guard let name = KeyName(name) else {
            throw LedgerError(
                en: "a key's name has no spaces and no +", zh: "密钥名称不得含空格或 +")
        }
        guard !DurableFile.exists(file) else {
            throw LedgerError(
                en: "\(file) is there already: a witness has one key; a new one begins in a new "
                    + "folder of state", zh: "\(file) 已存在：一个见证人只有一个密钥；新密钥须使用新的状态目录")
        }
        let key = SignerKey.generate(name: name)
        do throws(FileError) {
            try DurableFile.write(Array("\(key.secretText)\n".utf8), to: file, mode: 0o600)
        } catch {
            throw LedgerError([error.phrase])
        }
        return key
    }
}

/// A witness's private key; others must not be able to read it.
private func readWitnessKey(_ file: String) throws(LedgerError) -> SignerKey {
    do throws(FileError) {
        guard let bytes = try DurableFile.contents(file, limit: 4096) else {
            throw FileError(
                Phrase(
                    en:
                        "there is no key \(file); make one with hanqing witness key \(file) --name …",
                    zh: "没有密钥 \(file)；请用 hanqing witness key \(file) --name … 生成"))
        }
        guard try ByteFile(file, .read).permissions() & 0o077 == 0 else {
            throw FileError(
                Phrase(
                    en: "others may read \(file): chmod 600 it", zh: "他人可读取 \(file)：请 chmod 600"))
        }
        let line = String(decoding: bytes, as: UTF8.self)
        do throws(KeyTextError) {
            return try SignerKey(secretText: line.hasSuffix("\n") ? line.dropLast() : line[...])
        } catch {
            throw FileError(
                Phrase(en: "\(file): \(error.phrase.en)", zh: "\(file)：\(error.phrase.zh)"))
        }
    } catch {
        throw LedgerError([error.phrase])
    }
}

struct WitnessServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a witness (c2sp.org/tlog-witness). 运行见证服务。",
        discussion: """
            The settings are lines: listen HOST:PORT (127.0.0.1:8620), key FILE, state
            DIR, and log VKEY for each ledger. Never put the state back from a backup.
            配置为若干行：listen 主机:端口、key 密钥文件、state 状态目录、log 账本公钥。状
            态目录不得由备份恢复。
            """)

    @Option(help: ArgumentHelp("The settings. 配置文件。", valueName: "file"))
    var config: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer()
        try await answering(printer) {
            let settings = try settings()
            let key = try readWitnessKey(settings.keyPath)
            let witness: Witness
            do throws(FileError) {
                witness = try Witness(key: key, logs: settings.logs, state: settings.statePath)
            } catch {
                throw LedgerError([error.phrase])
            }
            var options = WitnessService.Options()
            (options.host, options.port) = (settings.host, settings.port)
            options.language = printer.language
            let (language, isJSON) = (printer.language, printer.isJSON)
            let service = WitnessService(
                witness, options, logger: logger,
                seconds: { UInt64(max(0, Date().timeIntervalSince1970)) }
            ) { port in
                WitnessServeCommand.greet(
                    Printer(language: language, isJSON: isJSON), settings.host, port, witness)
            }
            try await service.runUntilSignal()
        }
    }

    private func settings() throws(LedgerError) -> WitnessSettings {
        let bytes = try contents(config)
        do throws(WitnessSettingsError) {
            return try WitnessSettings(bytes, folder: DurableFile.parent(config))
        } catch {
            throw LedgerError([
                Phrase(en: "\(config): \(error.phrase.en)", zh: "\(config)：\(error.phrase.zh)")
            ])
        }
    }

    private static func greet(_ printer: Printer, _ host: String, _ port: Int, _ witness: Witness) {
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        if printer.isJSON {
            printer.print([
                "url": .string(url), "vkey": .string(witness.verifierKey.description),
                "logs": .array(witness.origins.map(\.text).sorted().map { .string($0) }),
            ])
        } else {
            printer.print(
                Phrase(
                    en: "Cosigning at \(url)/. For policies:", zh: "见证服务位于 \(url)/。写入见证策略："))
            printer.print("  witness NAME \(witness.verifierKey) \(url)")
        }
        printer.flush()
    }

    private var logger: Logger {
        var logger = common.logger
        if !common.verbose { logger.logLevel = .notice }
        return logger
    }
}
