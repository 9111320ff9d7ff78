import CanonicalJSON
import Catalogue
import Phrases

/// Values of fields in words, as far as an account shows them.
enum ValueText {
    /// Types whose values name nobody and nothing that is kept from readers.
    private static let plain: Set<FieldType> = [
        .enum, .boolean, .integer, .fen, .percent, .date, .instant, .docNo,
    ]
    private static let open: Set<ReadingClass> = [.public, .internal]
    private static let lengthMax = 120

    static func values(of type: EventType, in data: JSONValue) -> [FieldValue] {
        type.fields.compactMap { field in
            guard plain.contains(field.type), open.contains(field.readingClass),
                let value = data[field.name], let text = text(field, value)
            else { return nil }
            return FieldValue(field: field.title, text: text)
        }
    }

    /// What differs between two versions of an entry's data.
    static func changes(
        of type: EventType, from old: JSONValue, to new: JSONValue
    ) -> [FieldChange] {
        // In a type with sealed fields a text may name who must not be known.
        let isGuarded = type.fields.contains { $0.readingClass == .sealed }
        var found = type.fields.compactMap { field -> FieldChange? in
            let (was, now) = (old[field.name], new[field.name])
            guard was != now, !field.readingClass.isEncrypted else { return nil }
            let isShown = !isGuarded || plain.contains(field.type)
            return FieldChange(
                field: field.title, was: was.flatMap { isShown ? text(field, $0) : hidden },
                now: now.flatMap { isShown ? text(field, $0) : hidden })
        }
        for (name, title, words) in uniform where old[name] != new[name] {
            found.append(
                FieldChange(field: title, was: words(old[name]), now: words(new[name])))
        }
        return found
    }

    private static let hidden = Phrase(en: "(not shown)", zh: "（不显示）")

    private static let uniform: [(String, Phrase, @Sendable (JSONValue?) -> Phrase?)] = [
        ("participants", Phrase(en: "participants", zh: "参与人员"), participants),
        ("legalBasis", Phrase(en: "legal basis", zh: "法律依据"), basis),
        ("attachments", Phrase(en: "attachments", zh: "附件"), attachments),
        ("causes", Phrase(en: "causes", zh: "起因"), causes),
    ]

    // MARK: - One value

    static func text(_ field: Field, _ value: JSONValue) -> Phrase? {
        if case .array(let elements) = value {
            let texts = elements.compactMap { one(field, $0) }
            return texts.isEmpty
                ? nil
                : Phrase(
                    en: texts.map(\.en).joined(separator: ", "),
                    zh: texts.map(\.zh).joined(separator: "、"))
        }
        return one(field, value)
    }

    private static func one(_ field: Field, _ value: JSONValue) -> Phrase? {
        switch (field.type, value) {
        case (_, .bool(let truth)):
            return truth ? Phrase(en: "yes", zh: "是") : Phrase(en: "no", zh: "否")
        case (.fen, .integer(let amount)): return same("¥" + money(amount))
        case (.percent, _): return same(value.canonicalText + "%")
        case (.organisation, _): return value["name"]?.string.map { same($0) }
        case (.target, _): return value["seq"]?.integer.map { same("#\($0)") }
        case (_, .string(let text)): return same(shortened(text))
        case (.record, _): return same(shortened(value.canonicalText))
        default: return same(value.canonicalText)
        }
    }

    private static func money(_ fen: Int64) -> String {
        let cents = String(fen % 100)
        return grouped(fen / 100) + "." + (cents.count == 1 ? "0" : "") + cents
    }

    private static func same(_ text: String) -> Phrase { Phrase(en: text, zh: text) }

    private static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > lengthMax ? line.prefix(lengthMax) + "…" : line
    }

    // MARK: - Uniform members

    private static func participants(_ value: JSONValue?) -> Phrase? {
        list(value) { one in
            guard let role = one["role"]?.string, !Protection.roles.contains(role) else {
                return nil
            }
            let opinion = one["opinion"]?.string.map { ", \($0)" } ?? ""
            return "\(one["person"]?.string ?? "") (\(role)\(opinion))"
        }
    }

    private static func basis(_ value: JSONValue?) -> Phrase? {
        list(value) { "\($0["law"]?.string ?? "") \($0["article"]?.string ?? "")" }
    }

    private static func attachments(_ value: JSONValue?) -> Phrase? {
        list(value) { $0["name"]?.string }
    }

    private static func causes(_ value: JSONValue?) -> Phrase? {
        list(value) { $0["seq"]?.integer.map { "#\($0)" } ?? $0["id"]?.string }
    }

    private static func list(_ value: JSONValue?, _ text: (JSONValue) -> String?) -> Phrase? {
        guard let elements = value?.array else { return nil }
        return same(elements.compactMap(text).joined(separator: ", "))
    }
}
