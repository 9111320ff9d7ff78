import Phrases
import Yams

/// Gathers what is wrong while a mapping is read, so that its author sees it all at once.
final class MappingReading {
    /// More than these are not gathered: by then one slip explains most of them.
    static let errorCountMax = 100

    let file: String
    private(set) var errors: [MappingError] = []

    init(_ file: String) {
        self.file = file
    }

    func fail(_ node: Node, _ en: String, _ zh: String) {
        fail(node.mark?.line ?? 1, node.mark?.column ?? 1, en, zh)
    }

    func fail(_ line: Int, _ column: Int, _ en: String, _ zh: String) {
        guard errors.count < MappingReading.errorCountMax else { return }
        errors.append(
            MappingError(file: file, line: line, column: column, reason: Phrase(en: en, zh: zh)))
    }

    func block(_ node: Node) -> MappingBlock? {
        if case .mapping(let mapping) = node { return MappingBlock(node, mapping, self) }
        fail(node, "expected a block of keys", "应为键值块")
        return nil
    }

    func list(_ node: Node) -> [Node] {
        if case .sequence(let sequence) = node { return Array(sequence) }
        fail(node, "expected a list", "应为列表")
        return []
    }

    /// Any scalar is text here, whatever YAML would make of it: a code `007` stays one.
    func text(_ node: Node) -> String? {
        if case .scalar(let scalar) = node { return scalar.string }
        fail(node, "expected words", "应为文字")
        return nil
    }

    func word<Word: RawRepresentable & CaseIterable>(
        _ node: Node, _ type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let text = text(node) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        fail(
            node, "\"\(text)\" is none of \(words.joined(separator: ", "))",
            "“\(text)”不是 \(words.joined(separator: "、")) 之一")
        return nil
    }

    /// A table of texts; later keys are checked by YAML itself for being new.
    func table(_ node: Node) -> [String: String] {
        guard case .mapping(let mapping) = node else {
            fail(node, "expected a table", "应为对照表")
            return [:]
        }
        var table: [String: String] = [:]
        for (key, value) in mapping {
            if let key = text(key), let value = text(value) { table[key] = value }
        }
        return table
    }
}

/// Reads the keys of one block; ``finish()`` reports those that nobody asked for.
final class MappingBlock {
    let node: Node
    let reading: MappingReading
    private let mapping: Node.Mapping
    private var asked: [String] = []

    init(_ node: Node, _ mapping: Node.Mapping, _ reading: MappingReading) {
        (self.node, self.mapping, self.reading) = (node, mapping, reading)
    }

    subscript(_ name: String) -> Node? {
        if !asked.contains(name) { asked.append(name) }
        return mapping.first { $0.key.scalar?.string == name }?.value
    }

    func need(_ name: String) -> Node? {
        if let node = self[name] { return node }
        reading.fail(node, "the key \"\(name)\" is missing here", "此处缺少键“\(name)”")
        return nil
    }

    func text(_ name: String) -> String? {
        self[name].flatMap(reading.text)
    }

    func needText(_ name: String) -> String {
        guard let node = need(name), let text = reading.text(node) else { return "" }
        if text.isEmpty { reading.fail(node, "expected words", "应为文字") }
        return text
    }

    func list(_ name: String) -> [Node] {
        self[name].map(reading.list) ?? []
    }

    func texts(_ name: String) -> [String] {
        list(name).compactMap(reading.text)
    }

    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) -> Word? where Word.RawValue == String {
        self[name].flatMap { reading.word($0, type) }
    }

    func finish() {
        for (key, _) in mapping {
            let name = key.scalar?.string ?? ""
            guard !asked.contains(name) else { continue }
            reading.fail(
                key, "no key \"\(name)\" is known here; known: \(asked.joined(separator: ", "))",
                "此处没有键“\(name)”，可用：\(asked.joined(separator: "、"))")
        }
    }
}
