import Phrases

/// Decodes the event types of one procedure, or the common ones.
struct EventDecoder {
    private let decoder: CatalogueDecoder
    private let procedure: String?
    private let stages: Set<String>

    init(_ decoder: CatalogueDecoder, procedure: String?, stages: Set<String>) {
        (self.decoder, self.procedure, self.stages) = (decoder, procedure, stages)
    }

    func decode(_ map: MapReader) -> EventType.Definition {
        let short = map.needText("event")
        if procedure != nil { decoder.checkName(short, map, "event") }
        decoder.note(map.place, of: "event \(procedure.map { "\($0)." } ?? "")\(short)")
        var type = EventType.Definition(
            name: procedure.map { "\($0).\(short)" } ?? short, title: map.title(),
            procedure: procedure)
        type.by = procedure == nil ? [] : roles(map)
        type.stage = stage(map)
        type.ends = map.flag("ends")
        type.isReceived = map.flag("received")
        type.needs = needs(map)
        type.fields = fields(map, "fields", depth: 0)
        type.caseTitle = caseTitle(map, type.fields)
        type.participants = decoder.items(map.node("participants"), "role") { required($0) }
        type.startsYearly = startsYearly(map, type.fields)
        type.continuedIn = reference(map, "continuedIn", type.fields)
        type.continues = reference(map, "continues", type.fields)
        type.formerly = formerly(map)
        type.sealing = sealing(map, type.fields)
        if map.has("tells") { type.tells = tells(map, type.fields) }
        type.note = map.text("note")
        return type
    }

    private func startsYearly(_ map: MapReader, _ fields: [Field]) -> String? {
        guard let name = map.text("startsYearly") else { return nil }
        if !fields.contains(where: { $0.name == name && $0.type == .integer && !$0.isList }) {
            map.fail(
                "startsYearly", "the event has no whole number \"\(name)\"",
                "该事件没有整数字段“\(name)”")
        }
        return name
    }

    /// The field, one or a list, that names cases.
    private func reference(_ map: MapReader, _ key: String, _ fields: [Field]) -> String? {
        guard let name = map.text(key) else { return nil }
        if !fields.contains(where: { $0.name == name && $0.type == .reference }) {
            map.fail(
                key, "the event has no reference \"\(name)\"", "该事件没有引用字段“\(name)”")
        }
        return name
    }

    /// Fields in clear: nobody is told what is sealed.
    private func tells(_ map: MapReader, _ fields: [Field]) -> [String] {
        map.texts("tells").filter { name in
            let isSound = fields.contains { $0.name == name && !$0.readingClass.isEncrypted }
            if !isSound {
                map.fail(
                    "tells", "the event has no field \"\(name)\" in clear",
                    "该事件没有明文字段“\(name)”")
            }
            return isSound
        }
    }

    private func sealing(_ map: MapReader, _ fields: [Field]) -> SealingRule? {
        guard let block = map.node("sealing").flatMap(decoder.reading.map) else { return nil }
        defer { block.finish() }
        let group = block.needText("group")
        decoder.checkName(group, block, "group")
        if group.utf8.count > SealingRule.groupByteCountMax {
            block.fail(
                "group", "a group's name has at most \(SealingRule.groupByteCountMax) bytes",
                "分组名至多 \(SealingRule.groupByteCountMax) 字节")
        }
        let when = block.text("when")
        let isSound = when.map { name in
            fields.contains { field in
                field.name == name && field.type == .boolean && !field.isList
                    && !field.readingClass.isEncrypted
            }
        }
        if isSound == false {
            block.fail(
                "when",
                "the event has no field of type boolean, in clear, called \"\(when ?? "")\"",
                "该事件没有名为“\(when ?? "")”的明文 boolean 字段")
        }
        return SealingRule(group: group, when: when)
    }

    private func formerly(_ map: MapReader) -> [String] {
        map.texts("formerly").map { name in
            let full = procedure.map { name.contains(".") ? name : "\($0).\(name)" } ?? name
            if decoder.names.events[full] != nil {
                map.fail(
                    "formerly", "\(full) is still an event of this catalogue",
                    "\(full) 仍是本目录的事件")
            }
            return full
        }
    }

    private func roles(_ map: MapReader) -> [String] {
        guard let node = map.need("by") else { return [] }
        return decoder.reading.list(node).compactMap { decoder.role($0) }
    }

    private func stage(_ map: MapReader) -> String? {
        guard let stage = map.text("stage") else { return nil }
        if !stages.contains(stage) {
            map.fail("stage", "there is no stage \"\(stage)\"", "没有阶段“\(stage)”")
        }
        return stage
    }

    private func needs(_ map: MapReader) -> [UniformMember] {
        map.nodes("needs").compactMap { node in
            decoder.reading.text(node).flatMap {
                decoder.reading.word($0, node.place, UniformMember.self)
            }
        }
    }

    private func caseTitle(_ map: MapReader, _ fields: [Field]) -> [String] {
        map.nodes("caseTitle").compactMap { node in
            guard let name = decoder.reading.text(node) else { return nil }
            if !fields.contains(where: { $0.name == name }) {
                decoder.reading.fail(
                    node.place, "the event has no field \"\(name)\"", "该事件没有字段“\(name)”")
            }
            return name
        }
    }

    private func required(_ map: MapReader) -> RequiredParticipants? {
        guard let node = map.need("role"), let role = decoder.role(node) else { return nil }
        let isShared = map.has("distinct") && !map.flag("distinct")
        _ = map.node("distinct")
        return RequiredParticipants(
            role: role, minimum: Int(map.integer("min", 0...64) ?? 1), isDistinct: !isShared,
            needsOpinion: map.flag("opinion"))
    }

    // MARK: - Fields

    /// A type's fields fit one 64-bit set, together with the uniform members.
    private static let fieldCountMax = 48

    private func fields(_ map: MapReader, _ key: String, depth: Int) -> [Field] {
        let fields = decoder.items(map.node(key), "name") { field($0, depth: depth) }
        if fields.count > EventDecoder.fieldCountMax {
            map.fail(key, "more than 48 fields", "字段超过 48 个")
        }
        return fields
    }

    private func field(_ map: MapReader, depth: Int) -> Field {
        let name = map.needText("name")
        checkName(name, map, isTop: depth == 0)
        var field = Field(
            name, map.title(), map.needWord("type", FieldType.self, else: .string))
        field.isRequired = map.flag("required")
        field.readingClass = map.word("class", ReadingClass.self) ?? .internal
        field.isList = map.flag("list")
        field.isAlias = map.flag("alias")
        field.isParty = map.flag("party")
        field.isNotOperator = map.flag("notOperator")
        field.procedure = map.text("procedure")
        bounds(&field, map)
        field.values = values(field, map)
        if map.has("members") {
            field.members = depth < 2 ? fields(map, "members", depth: depth + 1) : []
        }
        check(field, map, depth: depth)
        return field
    }

    private func bounds(_ field: inout Field, _ map: MapReader) {
        if let items = map.integer("maxItems", 1...4_096) { field.itemsMax = Int(items) }
        if let bytes = map.integer("maxBytes", 1...49_152) { field.bytesMax = Int(bytes) }
        let whole = -Field.integerMax...Field.integerMax
        if let minimum = map.integer("min", whole) { field.minimum = minimum }
        if let maximum = map.integer("max", whole) { field.maximum = maximum }
    }

    private func values(_ field: Field, _ map: MapReader) -> [String] {
        guard field.type == .enum else { return [] }
        guard let node = map.need("values") else { return [] }
        guard case .text(let shared) = node.content else {
            let values = map.texts("values")
            decoder.checkValues(values, map)
            return values
        }
        if let values = decoder.names.enumerations[shared] { return values }
        map.fail("values", "there is no enumeration \"\(shared)\"", "没有枚举“\(shared)”")
        return []
    }

    private func checkName(_ name: String, _ map: MapReader, isTop: Bool) {
        guard let first = name.utf8.first else { return }
        let isWord =
            first >= 0x61 && first <= 0x7A && name.utf8.count <= 63
            && name.utf8.allSatisfy {
                $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x41 && $0 <= 0x5A || $0 &- 0x30 < 10
            }
        if !isWord {
            map.fail(
                "name", "\"\(name)\" must be of letters and digits, beginning with a small letter",
                "“\(name)”应由字母和数字组成，以小写字母开头")
        }
        if isTop, UniformMember(rawValue: name) != nil {
            map.fail(
                "name", "\"\(name)\" is a member that all types share; choose another name",
                "“\(name)”是所有类型共有的成员，请另取名称")
        }
    }

    /// What does not go together.
    private func check(_ field: Field, _ map: MapReader, depth: Int) {
        if field.isRequired, field.readingClass.isEncrypted {
            map.fail(
                "required",
                "a field of class \(field.readingClass.rawValue) cannot be required yet",
                "\(field.readingClass.rawValue) 类字段目前不能为必填")
        }
        if depth > 0, field.readingClass.isEncrypted {
            map.fail(
                "class", "only a whole field is encrypted: give the record this class",
                "只能整个字段加密：请将类别写在所属的 record 上")
        }
        let rows: [(key: String, isRight: Bool)] = [
            ("values", field.type == .enum), ("members", field.type == .record && depth < 2),
            ("procedure", field.type == .reference), ("maxItems", field.isList),
            ("maxBytes", field.type.hasBytesMax), ("notOperator", field.type == .person),
            ("min", field.type == .integer || field.type == .fen),
            ("max", field.type == .integer || field.type == .fen),
            ("alias", !field.isList && [.docNo, .string, .caseId].contains(field.type)),
        ]
        for row in rows where map.has(row.key) && !row.isRight {
            map.fail(
                row.key, "\"\(row.key)\" does not go with this kind of field",
                "“\(row.key)”不适用于此类字段")
        }
        if field.minimum > field.maximum { map.fail("min", "min is over max", "min 大于 max") }
        if let procedure = field.procedure { decoder.checkName(procedure, map, "procedure") }
    }
}

extension CatalogueDecoder {
    /// The role that `node` names.
    func role(_ node: CatalogueNode) -> String? {
        guard let role = reading.text(node) else { return nil }
        if !names.roles.contains(role) {
            reading.fail(node.place, "there is no role \"\(role)\"", "没有角色“\(role)”")
        }
        return role
    }
}
