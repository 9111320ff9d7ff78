import Phrases

/// Decodes one procedure: its stages, event types, rules, duties and disclosures.
final class ProcedureDecoder {
    let decoder: CatalogueDecoder
    private(set) var id = ""

    init(_ decoder: CatalogueDecoder) {
        self.decoder = decoder
    }

    var reading: CatalogueReading { decoder.reading }

    func decode(_ map: MapReader, into types: inout [EventType.Definition]) -> Procedure {
        id = map.needText("procedure")
        decoder.checkName(id, map, "procedure")
        if ["ledger", "entry", "participant", "finding"].contains(id) {
            map.fail("procedure", "\"\(id)\" is the ledger's own", "“\(id)”为账本自用")
        }
        let title = map.title()
        let plan = map.nodes("plan").compactMap { measure($0) }
        let stages = decoder.items(map.need("stages"), "id") {
            Stage(id: $0.needText("id"), title: $0.title(), formerly: $0.texts("formerly"))
        }
        let events = EventDecoder(decoder, procedure: id, stages: Set(stages.map(\.id)))
        let own = decoder.items(map.need("events"), "event") { events.decode($0) }
        types += own
        let rules = RuleDecoder(self)
        return Procedure(
            id: id, title: title, plan: plan, caseIDPattern: map.needText("caseId"),
            owner: map.need("owner").flatMap(decoder.role) ?? "", stages: stages,
            events: own.map(\.name),
            rules: decoder.items(map.node("rules"), "id") { rules.rule($0) },
            duties: decoder.items(map.node("duties"), "id") { rules.duty($0) },
            disclosures: decoder.items(map.node("disclosures"), "id") { rules.disclosure($0) },
            keepYears: map.integer("keepYears", 1...100).map { Int($0) },
            isApart: map.flag("apart"))
    }

    func measure(_ node: CatalogueNode) -> String? {
        guard let id = reading.text(node) else { return nil }
        if !decoder.names.measures.contains(id) {
            reading.fail(node.place, "the plan has no measure \"\(id)\"", "规划中没有措施“\(id)”")
        }
        return id
    }

    /// The full name of the event that `node` names, short in its own procedure.
    func event(_ node: CatalogueNode) -> String? {
        guard let text = reading.text(node) else { return nil }
        let name = text.utf8.contains(UInt8(ascii: ".")) ? text : "\(id).\(text)"
        if decoder.names.events[name] == nil {
            reading.fail(node.place, "there is no event \"\(name)\"", "没有事件“\(name)”")
        }
        return name
    }

    func events(_ map: MapReader, _ key: String) -> [String] {
        map.nodes(key).compactMap { event($0) }
    }

    /// The field of `event` that the key names.
    func field(_ map: MapReader, _ key: String, of event: String) -> String? {
        guard let name = map.text(key) else { return nil }
        if let fields = decoder.names.events[event], !fields.contains(name) {
            map.fail(
                key, "the event \(event) has no field \"\(name)\"",
                "事件 \(event) 没有字段“\(name)”")
        }
        return name
    }
}
