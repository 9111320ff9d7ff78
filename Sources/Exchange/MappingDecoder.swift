import CanonicalJSON
import Records
import Yams

/// Makes the plan of a mapping from its YAML.
struct MappingDecoder {
    let reading: MappingReading
    private var names = NameTable()
    /// What all activities share.
    private var shared = MappingParts()

    init(_ reading: MappingReading) {
        self.reading = reading
    }

    mutating func plan(_ block: MappingBlock) -> MappingPlan {
        var plan = MappingPlan()
        plan.source = block.needText("source")
        stream(block, &plan)
        plan.id = block.need("id").map { pattern($0) } ?? .empty
        time(block, &plan)
        plan.activity = block.need("activity").map { pattern($0) } ?? .empty
        plan.absent = Set(block.texts("absent"))
        strangers(block, &plan)
        shared = parts(block)
        if shared.operator == nil { _ = block.need("operator") }
        let ignored = ignored(block)
        var raw: [(activity: String, node: Node)] = []
        if let node = block.need("events"), case .mapping(let events) = node {
            for (key, value) in events {
                if let activity = reading.text(key) { raw.append((activity, value)) }
            }
        } else if let node = block["events"] {
            reading.fail(node, "expected a block of activities", "应为各活动的键值块")
        }
        for (activity, node) in raw {
            if let event = event(node, plan, ignored) { plan.events[activity] = event }
        }
        plan.names = names
        return plan
    }

    // MARK: - The parts that all events share

    private mutating func stream(_ block: MappingBlock, _ plan: inout MappingPlan) {
        for node in block.list("replace") {
            guard let item = reading.block(node) else { continue }
            plan.replacements.append(
                MappingPlan.Replacement(from: item.needText("from"), to: item.text("to") ?? ""))
            item.finish()
        }
        guard let node = block.need("stream"), let text = reading.text(node) else { return }
        let procedure = text.prefix { $0 != "/" }
        guard isName(procedure), text.count > procedure.count + 1 else {
            return reading.fail(
                node, "a stream is <procedure>/<case id>, such as fine/{case}",
                "流应为 <程序>/<案件编号>，如 fine/{case}")
        }
        plan.procedure = String(procedure)
        plan.caseID = pattern(String(text.dropFirst(procedure.count + 1)), node)
        if plan.caseID.segments.contains(.caseID) || plan.caseID.segments.contains(.numberInCase) {
            reading.fail(node, "a case id cannot be made of @case or @n", "案件编号不能由 @case 或 @n 组成")
        }
    }

    private mutating func time(_ block: MappingBlock, _ plan: inout MappingPlan) {
        guard let node = block.need("time"), let time = reading.block(node) else { return }
        plan.time = time.need("from").map { pattern($0) } ?? .empty
        plan.timeReading.precision = time.word("precision", TimeReading.Precision.self) ?? .written
        if let zone = time["zone"], let text = reading.text(zone) {
            plan.timeReading.offset = text
            if !TimeReading.isOffset(text) {
                reading.fail(zone, "expected an offset such as +08:00, or Z", "应为时差，如 +08:00，或 Z")
            }
        }
        let formats = time.list("formats")
        if !formats.isEmpty {
            plan.timeReading.formats = []
            plan.timeReading.takesRFC3339 = false
        }
        for node in formats {
            guard let text = reading.text(node) else { continue }
            if text == "rfc3339" {
                plan.timeReading.takesRFC3339 = true
            } else if let format = TimeFormat(text) {
                plan.timeReading.formats.append(format)
            } else {
                reading.fail(
                    node, "expected rfc3339 or a format such as yyyy-MM-dd HH:mm:ss",
                    "应为 rfc3339 或格式，如 yyyy-MM-dd HH:mm:ss")
            }
        }
        time.finish()
    }

    private func strangers(_ block: MappingBlock, _ plan: inout MappingPlan) {
        guard let node = block["unmapped"], let item = reading.block(node) else { return }
        plan.strangeActivities = item.word("activities", ImportMapping.Stranger.self) ?? .refuse
        plan.strangeAttributes = item.word("attributes", ImportMapping.Stranger.self) ?? .refuse
        item.finish()
    }

    private mutating func ignored(_ block: MappingBlock) -> [Int] {
        block.texts("ignore").map { number($0) }
    }

    private mutating func parts(_ block: MappingBlock) -> MappingParts {
        var parts = MappingParts()
        parts.fields = fields(block)
        parts.participants = participants(block)
        parts.legalBasis = legalBasis(block)
        parts.operator = block["operator"].flatMap { person($0) }
        return parts
    }

    // MARK: - One activity

    private mutating func event(
        _ node: Node, _ plan: MappingPlan, _ ignored: [Int]
    ) -> EventPlan? {
        guard let block = reading.block(node) else { return nil }
        let type = block.needText("type")
        let dot = type.firstIndex(of: ".") ?? type.endIndex
        if !isName(type[..<dot]) || !isName(type[dot...].dropFirst())
            || type[..<dot] != plan.procedure
        {
            reading.fail(
                block["type"] ?? node, "expected \(plan.procedure).<event> in lower case",
                "应为 \(plan.procedure).<事件>，小写英文")
        }
        let parts = shared.adding(parts(block))
        let ownIgnored = self.ignored(block)
        block.finish()
        var event = EventPlan(type: type, members: parts.members, uses: [])
        let used =
            plan.caseID.attributes + plan.id.attributes + plan.time.attributes
            + plan.activity.attributes + parts.attributes
        event.uses = Array(repeating: .stranger, count: names.names.count)
        for number in ignored + ownIgnored { event.uses[number] = .ignored }
        for number in used { event.uses[number] = .used }
        return event
    }

    private mutating func fields(_ block: MappingBlock) -> [String: FieldSource] {
        guard let node = block["fields"] else { return [:] }
        guard case .mapping(let mapping) = node else {
            reading.fail(node, "expected a block of fields", "应为字段的键值块")
            return [:]
        }
        var fields: [String: FieldSource] = [:]
        for (key, value) in mapping {
            guard let name = reading.text(key) else { continue }
            if MappingParts.reserved.contains(name) || name.isEmpty {
                reading.fail(key, "\"\(name)\" is not a field", "“\(name)”不是字段")
            }
            if let field = field(value) { fields[name] = field }
        }
        return fields
    }

    private mutating func field(_ node: Node) -> FieldSource? {
        guard let block = reading.block(node) else { return nil }
        var source = FieldSource(text: textSource(block))
        source.kind = kind(block)
        if let split = block["split"], let text = reading.text(split) {
            source.split = text.first
            if text.count != 1 { reading.fail(split, "expected one character", "应为一个字符") }
        }
        block.finish()
        return source
    }

    private enum KindWord: String, CaseIterable {
        case string, integer, percent, boolean, date, instant, organisation, fen
    }

    private enum MoneyUnit: String, CaseIterable {
        case yuan
        case tenThousandYuan = "ten-thousand-yuan"
    }

    private func kind(_ block: MappingBlock) -> FieldKind {
        let word = block.word("as", KindWord.self) ?? .string
        let unit = block.word("unit", MoneyUnit.self)
        if unit != nil, word != .fen {
            reading.fail(block.node, "unit goes with as: fen alone", "unit 只用于 as: fen")
        }
        switch word {
        case .string: return .string
        case .integer: return .integer
        case .percent: return .percent
        case .boolean: return .boolean
        case .date: return .date
        case .organisation: return .organisation
        case .instant: return .instant
        case .fen: return .fen(places: unit == .tenThousandYuan ? 6 : 2)
        }
    }
}

// MARK: - Persons, law and texts

extension MappingDecoder {
    private mutating func participants(_ block: MappingBlock) -> [ParticipantSource] {
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

    private mutating func person(_ node: Node) -> OperatorSource? {
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

    private func legalBasis(_ block: MappingBlock) -> [JSONValue]? {
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
    private mutating func textSource(_ block: MappingBlock) -> TextSource {
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

    private mutating func pattern(_ node: Node) -> TextPattern {
        reading.text(node).map { pattern($0, node) } ?? .empty
    }

    private mutating func pattern(_ text: String, _ node: Node) -> TextPattern {
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

    private mutating func number(_ name: String) -> Int {
        if let number = names.number(name) { return number }
        reading.fail(
            1, 1, "more than \(NameTable.countMax) attributes", "属性超过 \(NameTable.countMax) 个")
        return 0
    }

    private func isName(_ text: some StringProtocol) -> Bool {
        Array(text.utf8).withUnsafeBytes { StreamName.isName($0) }
    }
}
