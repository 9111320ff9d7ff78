import CanonicalJSON
import Records
import Yams

/// Makes the plan of a mapping from its YAML.
struct MappingDecoder {
    let reading: MappingReading
    var names = NameTable()
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
