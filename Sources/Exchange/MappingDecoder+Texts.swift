import CanonicalJSON
import Records
import Yams

// MARK: - Persons, law and texts

extension MappingDecoder {
    mutating func participants(_ block: MappingBlock) -> [ParticipantSource] {
        block.list("participants").compactMap { participant($0) }
    }

    private mutating func participant(_ node: Node) -> ParticipantSource? {
        guard let block = reading.block(node) else { return nil }
        let person = text(block, "person")
        let role = text(block, "role")
        let unit = text(block, "unit")
        let prefix = prefix(block)
        let post = block["post"].flatMap { textSource(of: $0) }
        let evidence = block.word("evidence", Evidence.self) ?? .asserted
        block.finish()
        guard let person, let role, let unit else { return nil }
        return ParticipantSource(
            person: person, prefix: prefix, role: role, unit: unit, post: post,
            evidence: evidence.rawValue)
    }

    /// `documented` needs an attachment, which a row of a table has not.
    private enum Evidence: String, CaseIterable {
        case signed, confirmed, asserted
    }

    mutating func person(_ node: Node) -> OperatorSource? {
        guard let block = reading.block(node) else { return nil }
        let person = text(block, "person")
        let unit = text(block, "unit")
        let prefix = prefix(block)
        let post = block["post"].flatMap { textSource(of: $0) }
        block.finish()
        guard let person, let unit else { return nil }
        return OperatorSource(person: person, prefix: prefix, unit: unit, post: post)
    }

    private func prefix(_ block: MappingBlock) -> String {
        guard let node = block["prefix"], let text = reading.text(node) else { return "" }
        if !PersonName.isSound(text) {
            reading.fail(
                node, "a prefix is of letters, digits and -, beginning with a letter",
                "前缀应由字母、数字和 - 组成，以字母开头")
        }
        return text
    }

    func legalBasis(_ block: MappingBlock) -> [JSONValue]? {
        guard let node = block["legalBasis"] else { return nil }
        return reading.list(node).compactMap { node in
            guard let block = reading.block(node) else { return nil }
            var members = [
                JSONMember("law", .string(block.needText("law"))),
                JSONMember("article", .string(block.needText("article"))),
            ]
            for name in ["paragraph", "item", "edition"] {
                if let text = block.text(name) { members.append(JSONMember(name, .string(text))) }
            }
            block.finish()
            return .object(members)
        }
    }

    private mutating func text(_ block: MappingBlock, _ key: String) -> TextSource? {
        block.need(key).flatMap { textSource(of: $0) }
    }

    /// A pattern, or a block of `from`, `values` and `default`.
    private mutating func textSource(of node: Node) -> TextSource? {
        if case .scalar = node { return TextSource(pattern: pattern(node)) }
        guard let block = reading.block(node) else { return nil }
        let source = textSource(block)
        block.finish()
        return source
    }

    /// `from` names an attribute; `value` is a pattern.
    mutating func textSource(_ block: MappingBlock) -> TextSource {
        var source = TextSource(pattern: .empty)
        let (from, value) = (block["from"], block["value"])
        switch (from, value) {
        case (let from?, nil):
            if let name = reading.text(from) {
                source.pattern = TextPattern(segments: [.attribute(number(name))])
            }
        case (nil, let value?): source.pattern = pattern(value)
        default:
            reading.fail(
                block.node, "give either from (an attribute) or value (a pattern)",
                "应写明 from（属性）或 value（模式）之一")
        }
        source.values = block["values"].map(reading.table)
        source.otherwise = block.text("default")
        return source
    }

    mutating func pattern(_ node: Node) -> TextPattern {
        reading.text(node).map { pattern($0, node) } ?? .empty
    }

    mutating func pattern(_ text: String, _ node: Node) -> TextPattern {
        if let pattern = TextPattern(text, number: { number($0) }), !pattern.segments.isEmpty {
            return pattern
        }
        reading.fail(
            node,
            "expected words and attributes in braces, such as {concept:name}; known with @: "
                + "@case, @n, @row",
            "应为文字和花括号中的属性，如 {concept:name}；带 @ 的有 @case、@n、@row")
        return .empty
    }

    mutating func number(_ name: String) -> Int {
        if let number = names.number(name) { return number }
        reading.fail(
            1, 1, "more than \(NameTable.countMax) attributes", "属性超过 \(NameTable.countMax) 个")
        return 0
    }

    func isName(_ text: some StringProtocol) -> Bool {
        Array(text.utf8).withUnsafeBytes { StreamName.isName($0) }
    }
}
