import Phrases

/// Gathers what is wrong while a catalogue is decoded, so that its author sees it all at once.
final class CatalogueReading {
    private(set) var errors: [CatalogueError] = []
    private(set) var isFull = false

    /// More than these are not gathered: by then one slip explains most of them.
    static let errorCountMax = 200

    func fail(_ place: CataloguePlace, _ en: String, _ zh: String) {
        guard errors.count < CatalogueReading.errorCountMax else { return isFull = true }
        errors.append(CatalogueError(place, Phrase(en: en, zh: zh)))
    }

    func add(_ error: CatalogueError) {
        errors.append(error)
    }

    /// The node as a block of keys; reports anything else.
    func map(_ node: CatalogueNode) -> MapReader? {
        if case .map(let members) = node.content {
            return MapReader(node.place, members, self)
        }
        fail(node.place, "expected a block of keys", "应为键值块")
        return nil
    }

    func list(_ node: CatalogueNode) -> [CatalogueNode] {
        if case .list(let elements) = node.content { return elements }
        fail(node.place, "expected a list", "应为列表")
        return []
    }

    func text(_ node: CatalogueNode) -> String? {
        switch node.content {
        case .text(let text) where !text.isEmpty: return text
        case .integer, .bool:
            fail(node.place, "expected words; put the value in quotes", "应为文字，请加引号")
        default: fail(node.place, "expected words", "应为文字")
        }
        return nil
    }
}

/// Reads the keys of one block; ``finish()`` reports those that nobody asked for.
final class MapReader {
    let place: CataloguePlace
    let reading: CatalogueReading
    private let members: [(name: String, place: CataloguePlace, value: CatalogueNode)]
    private var asked: [String] = []

    init(
        _ place: CataloguePlace,
        _ members: [(name: String, place: CataloguePlace, value: CatalogueNode)],
        _ reading: CatalogueReading
    ) {
        (self.place, self.members, self.reading) = (place, members, reading)
    }

    func node(_ name: String) -> CatalogueNode? {
        asked.append(name)
        return members.first { $0.name == name }?.value
    }

    func has(_ name: String) -> Bool {
        members.contains { $0.name == name }
    }

    func need(_ name: String) -> CatalogueNode? {
        if let node = node(name) { return node }
        reading.fail(place, "the key \"\(name)\" is missing here", "此处缺少键“\(name)”")
        return nil
    }

    func text(_ name: String) -> String? {
        node(name).flatMap(reading.text)
    }

    func needText(_ name: String) -> String {
        need(name).flatMap(reading.text) ?? ""
    }

    /// `zh` and `en`.
    func title() -> Phrase {
        Phrase(en: needText("en"), zh: needText("zh"))
    }

    func flag(_ name: String) -> Bool {
        guard let node = node(name) else { return false }
        if case .bool(let value) = node.content { return value }
        reading.fail(node.place, "expected true or false", "应为 true 或 false")
        return false
    }

    func integer(_ name: String, _ range: ClosedRange<Int64>) -> Int64? {
        guard let node = node(name) else { return nil }
        if case .integer(let value) = node.content, range.contains(value) { return value }
        reading.fail(
            node.place,
            "expected a whole number from \(range.lowerBound) to \(range.upperBound)",
            "应为 \(range.lowerBound) 至 \(range.upperBound) 的整数")
        return nil
    }

    /// A list, or nothing.
    func nodes(_ name: String) -> [CatalogueNode] {
        node(name).map(reading.list) ?? []
    }

    func texts(_ name: String) -> [String] {
        nodes(name).compactMap(reading.text)
    }

    /// One of the words of `type`.
    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let node = node(name), let text = reading.text(node) else { return nil }
        return reading.word(text, node.place, type)
    }

    func needWord<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Word.Type, else fallback: Word
    ) -> Word where Word.RawValue == String {
        guard need(name) != nil else { return fallback }
        return word(name, type) ?? fallback
    }

    func fail(_ name: String, _ en: String, _ zh: String) {
        let place = members.first { $0.name == name }?.place ?? place
        reading.fail(place, en, zh)
    }

    func finish() {
        for member in members where !asked.contains(member.name) {
            reading.fail(
                member.place, "no key \"\(member.name)\" is known here; known: \(known.en)",
                "此处没有键“\(member.name)”，可用：\(known.zh)")
        }
    }

    private var known: Phrase {
        var names: [String] = []
        for name in asked where !names.contains(name) { names.append(name) }
        return Phrase(en: names.joined(separator: ", "), zh: names.joined(separator: "、"))
    }
}

extension CatalogueReading {
    func word<Word: RawRepresentable & CaseIterable>(
        _ text: String, _ place: CataloguePlace, _ type: Word.Type
    ) -> Word? where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        fail(
            place, "\"\(text)\" is none of \(words.joined(separator: ", "))",
            "“\(text)”不是 \(words.joined(separator: "、")) 之一")
        return nil
    }
}
