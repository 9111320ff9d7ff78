import CanonicalJSON
import Checkpoints
package import FileStore
import Foundation
package import Phrases
import Yams

/// What `ledger.yaml` says: Specs/store.md section 1.
package struct LedgerSettings: Hashable, Sendable {
    package static let format = 1

    package var origin: String
    /// The language in which the program speaks of this ledger; nil leaves it to the user.
    package var language: Language?
    /// A segment is closed before it would grow beyond this; nil for the store's own choice.
    package var segmentBytes: Int?
    /// Entries that the index keeps in memory before it writes a run; nil for the store's choice.
    package var indexRunEntries: Int?

    /// The program that holds the key, if one does: Specs/keys.md section 6.
    package var signer: Signer?

    /// Where the vault is, from `/`, if it is not `vault/` in the ledger's folder.
    package var vault: String?

    package func vaultFolder(of ledger: String) -> String { vault ?? ledger + "/vault" }

    package struct Signer: Hashable, Sendable {
        /// The program's path, which begins with `/`, and its arguments.
        package var words: [String]
        package var timeoutSeconds = 10

        package static let timeoutAllowed = 1...120

        package init(words: [String]) {
            self.words = words
        }
    }

    package static let segmentBytesAllowed = 65_536...(1 << 30)
    package static let indexRunEntriesAllowed = 64...1_048_576

    package init(origin: String, language: Language? = nil) {
        (self.origin, self.language) = (origin, language)
    }

    /// What the store is opened with.
    package var storeOptions: FileStore.Options {
        var options = FileStore.Options()
        if let segmentBytes { options.segmentBytes = segmentBytes }
        if let indexRunEntries { options.entriesPerRun = indexRunEntries }
        return options
    }

    /// Reads `ledger.yaml` in `folder`.
    package init(folder: String) throws(LedgerError) {
        let path = folder + "/ledger.yaml"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw LedgerError(
                en: "\(folder) holds no ledger (no ledger.yaml); make one with hanqing init, "
                    + "or name one with --ledger or HANQING_LEDGER",
                zh:
                    "\(folder) 中没有账本（缺 ledger.yaml）；请用 hanqing init 建账，或用 --ledger、HANQING_LEDGER 指定"
            )
        }
        try self.init(text: text, path: path)
    }

    /// Reads `text`, what stands in the file at `path`.
    package init(text: String, path: String) throws(LedgerError) {
        guard let node = try? Yams.compose(yaml: text), let format = node["format"]?.int,
            let origin = node["origin"]?.string
        else {
            throw LedgerError(en: "\(path) cannot be read as YAML", zh: "\(path) 不是可读的 YAML")
        }
        guard format == LedgerSettings.format else {
            throw LedgerError(
                en: "\(path) has format \(format); this program knows \(LedgerSettings.format). "
                    + "Use a newer version of hanqing",
                zh: "\(path) 的格式为 \(format)，本程序只认识 \(LedgerSettings.format)；请使用更新版本的 hanqing")
        }
        self.init(origin: origin, language: node["language"]?.string.flatMap(Language.init))
        segmentBytes = try LedgerSettings.number(
            node, "segmentBytes", LedgerSettings.segmentBytesAllowed, path)
        indexRunEntries = try LedgerSettings.number(
            node, "indexRunEntries", LedgerSettings.indexRunEntriesAllowed, path)
        signer = try LedgerSettings.signer(node, path)
        if let stated = node["vault"] {
            guard let vault = stated.string, vault.hasPrefix("/"), !vault.contains("\0") else {
                throw LedgerError(
                    en: "\(path): vault is a folder's path from /",
                    zh: "\(path)：vault 须为以 / 开头的目录路径")
            }
            self.vault = vault
        }
    }

    private static func signer(_ node: Node, _ path: String) throws(LedgerError) -> Signer? {
        guard let stated = node["signer"] else { return nil }
        guard let words = stated["command"]?.array().map({ $0.string ?? "" }),
            words.first?.hasPrefix("/") == true, words.allSatisfy({ !$0.contains("\0") })
        else {
            throw LedgerError(
                en: "\(path): signer.command is a list of words, the first a path from /",
                zh: "\(path)：signer.command 须为词的列表，首词为以 / 开头的路径")
        }
        var signer = Signer(words: words)
        if let seconds = try number(stated, "timeoutSeconds", Signer.timeoutAllowed, path) {
            signer.timeoutSeconds = seconds
        }
        return signer
    }

    private static func number(
        _ node: Node, _ key: String, _ allowed: ClosedRange<Int>, _ path: String
    ) throws(LedgerError) -> Int? {
        guard let value = node[key] else { return nil }
        guard let number = value.int, allowed.contains(number) else {
            throw LedgerError(
                en: "\(path): \(key) is a whole number from \(allowed.lowerBound) to "
                    + "\(allowed.upperBound)",
                zh: "\(path)：\(key) 须为 \(allowed.lowerBound) 至 \(allowed.upperBound) 之间的整数")
        }
        return number
    }

    package var yaml: String {
        var text = "# A Hanqing ledger. Its records are in records/, one JSON object a line.\n"
        text += "format: \(LedgerSettings.format)\norigin: \(origin)\nstore: file\n"
        if let language { text += "language: \(language.rawValue)\n" }
        if let segmentBytes { text += "segmentBytes: \(segmentBytes)\n" }
        if let indexRunEntries { text += "indexRunEntries: \(indexRunEntries)\n" }
        if let vault { text += "vault: \(JSONValue.string(vault).canonicalText)\n" }
        if let signer {
            let words = signer.words.map { JSONValue.string($0).canonicalText }
            text += "signer:\n  command: [\(words.joined(separator: ", "))]\n"
            text += "  timeoutSeconds: \(signer.timeoutSeconds)\n"
        }
        return text
    }
}
