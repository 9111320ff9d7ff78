package import Checkpoints
import DurableFiles
package import Phrases

/// A witness's settings: lines of words, Specs/witness.md section 3.
package struct WitnessSettings: Sendable {
    package var host = "127.0.0.1"
    package var port = 8620
    /// Paths, as they are to be opened.
    package var keyPath = ""
    package var statePath = ""
    package var logs: [Origin: [VerifierKey]] = [:]

    /// Reads the settings in `bytes`; their paths start in `folder`.
    package init(_ bytes: some Collection<UInt8>, folder: String) throws(WitnessSettingsError) {
        guard let text = WordLines(bytes) else {
            throw WitnessSettingsError(
                Phrase(en: "the settings are no text", zh: "配置不是文本"))
        }
        var seen: Set<String> = []
        for line in text.lines {
            let words = line.words.map { String(decoding: $0, as: UTF8.self) }
            do throws(WitnessSettingsError) {
                guard words.count == 2 else { throw WitnessSettings.badLine }
                guard words[0] == "log" || seen.insert(words[0]).inserted
                else { throw WitnessSettings.badLine }
                try take(words[0], words[1], folder)
            } catch {
                throw WitnessSettingsError(
                    Phrase(
                        en: "line \(line.number): \(error.phrase.en)",
                        zh: "第 \(line.number) 行：\(error.phrase.zh)"))
            }
        }
        guard !keyPath.isEmpty, !statePath.isEmpty, !logs.isEmpty else {
            throw WitnessSettingsError(
                Phrase(
                    en: "the settings need the lines key, state and at least one log",
                    zh: "配置须有 key、state 和至少一行 log"))
        }
    }

    private mutating func take(
        _ name: String, _ value: String, _ folder: String
    ) throws(WitnessSettingsError) {
        func path() -> String { value.hasPrefix("/") ? value : "\(folder)/\(value)" }
        switch name {
        case "listen": (host, port) = try WitnessSettings.address(value)
        case "key": keyPath = path()
        case "state": statePath = path()
        case "log":
            let key: VerifierKey
            do throws(KeyTextError) {
                key = try VerifierKey(value)
            } catch {
                throw WitnessSettingsError(error.phrase)
            }
            guard key.type == .ed25519, let origin = Origin(key.name.text) else {
                throw WitnessSettingsError(
                    Phrase(
                        en: "a log's key signs checkpoints (type 01)",
                        zh: "账本密钥应为签名密钥（类型 01）"))
            }
            logs[origin, default: []].append(key)
        default: throw WitnessSettings.badLine
        }
    }

    private static func address(
        _ text: String
    ) throws(WitnessSettingsError) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), colon > text.startIndex
        else {
            throw WitnessSettingsError(
                Phrase(en: "listen takes host:port", zh: "listen 的格式为 主机:端口"))
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return (String(host), Int(port))
    }

    private static let badLine = WitnessSettingsError(
        Phrase(
            en: "a line is listen, key, state or log and one value; only log may be repeated",
            zh: "每行为 listen、key、state 或 log 加一个值；仅 log 可重复"))
}

/// Why settings cannot be used.
package struct WitnessSettingsError: Error, Hashable, Sendable {
    package let phrase: Phrase

    init(_ phrase: Phrase) {
        self.phrase = phrase
    }
}
