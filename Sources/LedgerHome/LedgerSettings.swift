import Checkpoints
import Foundation
package import Phrases
import Yams

/// What `ledger.yaml` says: Specs/store.md section 1.
package struct LedgerSettings: Hashable, Sendable {
    package static let format = 1

    package var origin: String
    /// The language in which the program speaks of this ledger; nil leaves it to the user.
    package var language: Language?

    package init(origin: String, language: Language? = nil) {
        (self.origin, self.language) = (origin, language)
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
    }

    package var yaml: String {
        var text = "# A Hanqing ledger. Its records are in records/, one JSON object a line.\n"
        text += "format: \(LedgerSettings.format)\norigin: \(origin)\nstore: file\n"
        if let language { text += "language: \(language.rawValue)\n" }
        return text
    }
}
