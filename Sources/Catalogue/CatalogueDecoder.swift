import Phrases

/// Makes the parts of a catalogue from its tree, YAML's or the compiled one's.
final class CatalogueDecoder {
    let root: CatalogueNode
    let reading: CatalogueReading
    /// What other parts may name, gathered before anything is decoded.
    private(set) var names = CatalogueNames()
    private var parts = EventCatalogue.Parts()
    private var places: [String: CataloguePlace] = [:]

    init(_ root: CatalogueNode, _ reading: CatalogueReading) {
        (self.root, self.reading) = (root, reading)
    }

    func decode() -> EventCatalogue.Parts {
        names = CatalogueNames(root)
        guard let map = reading.map(root) else { return parts }
        for key in CatalogueFolder.keys { _ = map.node(key) }
        map.finish()
        decodeFormat(map)
        decodeHead(map)
        parts.laws = items(map.need("laws"), "id") { self.law($0) }
        parts.roles = items(map.need("roles"), "id") { self.role($0) }
        parts.plan = items(map.need("measures"), "id") { self.measure($0) }
        parts.enumerations = items(map.need("enumerations"), "id") { self.enumeration($0) }
        parts.regions = items(map.need("regions"), nil) { self.region($0) }
        let ledger = items(map.need("ledger"), "type") { self.ledgerTitle($0) }
        parts.ledgerTitles = Dictionary(ledger, uniquingKeysWith: { first, _ in first })
        let common = items(map.need("events"), "event") {
            EventDecoder(self, procedure: nil, stages: []).decode($0)
        }
        var types: [EventType.Definition] = []
        parts.procedures = items(map.need("procedures"), "procedure") {
            ProcedureDecoder(self).decode($0, into: &types)
        }
        parts.types = types + common
        let whole = WholeDecoder(self)
        parts.registers = items(map.node("registers"), "id") { whole.register($0) }
        parts.indicators = items(map.node("indicators"), "id") { whole.indicator($0) }
        parts.places = places
        return parts
    }

    /// Remembers where something stands, for whoever checks it later: an expression by its text, a
    /// rule, duty, event or measure by what it is and its name.
    func note(_ place: CataloguePlace, of name: String) {
        if places[name] == nil { places[name] = place }
    }

    private func decodeFormat(_ map: MapReader) {
        let format = map.integer("format", 1...Int64(Int32.max))
        if let format, format <= CatalogueFolder.format { return }
        map.fail(
            "format",
            "this program reads catalogue formats 1 to \(CatalogueFolder.format); "
                + "use a newer version of it",
            "本程序读取目录格式 1 至 \(CatalogueFolder.format)，请使用更新版本的程序")
    }

    private func decodeHead(_ map: MapReader) {
        guard let head = map.need("catalogue").flatMap(reading.map) else { return }
        parts.id = head.needText("id")
        parts.version = head.needText("version")
        parts.title = head.title()
        parts.timeZone = head.needText("timeZone")
        parts.source = head.text("source")
        parts.calendar = head.word("calendar", EventCatalogue.Calendar.self) ?? .cn
        if let late = head.node("lateEntry").flatMap(reading.map) {
            parts.lateEntry = RuleDecoder(ProcedureDecoder(self)).term(late)
            late.finish()
        }
        parts.publishAt = publishAt(head)
        head.finish()
    }

    private func publishAt(_ head: MapReader) -> [DayTime] {
        let texts = head.texts("publishAt")
        let times = texts.compactMap { DayTime($0) }
        let isAscending = zip(times, times.dropFirst()).allSatisfy { $0 < $1 }
        guard times.count == texts.count, isAscending else {
            head.fail(
                "publishAt", "expected times of day in ascending order, such as \"02:00\"",
                "应为按先后排列的时刻，如 \"02:00\"")
            return []
        }
        return times
    }

    private func law(_ map: MapReader) -> Law {
        Law(
            id: map.needText("id"), title: map.title(), number: map.text("number"),
            from: date(map, "from"), to: date(map, "to"),
            verified: map.needWord("verified", Verification.self, else: .memory),
            note: map.text("note"))
    }

    private func role(_ map: MapReader) -> Role {
        let id = map.needText("id")
        checkName(id, map, "id")
        return Role(
            id: id, title: map.title(), kind: map.needWord("kind", Role.Kind.self, else: .act))
    }

    private func measure(_ map: MapReader) -> Measure {
        if let id = map.text("id") { note(map.place, of: "measure \(id)") }
        return Measure(
            id: map.needText("id"), label: map.needText("label"), title: map.title(),
            demands: map.nodes("demands").compactMap { demand($0) })
    }

    /// Words, or a block that says what serves the demand.
    private func demand(_ node: CatalogueNode) -> Demand? {
        guard case .map = node.content, let map = reading.map(node) else {
            return reading.text(node).map {
                Demand(
                    id: nil, text: $0, procedures: [], events: [], rules: [], duties: [],
                    indicators: [])
            }
        }
        defer { map.finish() }
        let id = map.needText("id")
        note(map.place, of: "demand \(id)")
        return Demand(
            id: id, text: map.needText("zh"),
            procedures: known(map, "procedures") { names.procedures.contains($0) },
            events: known(map, "events") { names.events[$0] != nil },
            rules: known(map, "rules") { names.rules.contains($0) },
            duties: known(map, "duties") { names.duties.contains($0) },
            indicators: known(map, "indicators") { names.indicators.contains($0) })
    }

    private func known(
        _ map: MapReader, _ key: String, _ isKnown: (String) -> Bool
    ) -> [String] {
        let given = map.texts(key)
        for name in given where !isKnown(name) {
            map.fail(key, "there is no \"\(name)\"", "没有“\(name)”")
        }
        return given
    }

    private func enumeration(_ map: MapReader) -> Enumeration {
        let values = map.texts("values")
        checkValues(values, map)
        return Enumeration(id: map.needText("id"), title: map.title(), values: values)
    }

    private func region(_ map: MapReader) -> Region {
        let code = map.needText("code")
        if code.utf8.count != 6 || !code.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
            map.fail("code", "a region's code has six digits", "行政区划代码应为六位数字")
        }
        return Region(
            code: code, name: map.needText("zh"), from: date(map, "from"), to: date(map, "to"),
            note: map.text("note"))
    }

    private func ledgerTitle(_ map: MapReader) -> (String, Phrase) {
        (map.needText("type"), map.title())
    }

    /// Decodes a list of blocks and reports a value of `key` that comes twice.
    func items<Item>(
        _ node: CatalogueNode?, _ key: String?, _ decode: (MapReader) -> Item?
    ) -> [Item] {
        var seen: Set<String> = []
        var items: [Item] = []
        for element in node.map(reading.list) ?? [] {
            guard let map = reading.map(element) else { continue }
            if let item = decode(map) { items.append(item) }
            map.finish()
            guard let key, let value = element[key], let text = value.text else { continue }
            if !seen.insert(text).inserted {
                reading.fail(value.place, "\"\(text)\" is given twice", "“\(text)”重复")
            }
        }
        return items
    }

    func checkValues(_ values: [String], _ map: MapReader) {
        if values.isEmpty { map.fail("values", "a list of values is needed", "需要取值列表") }
        if Set(values).count < values.count {
            map.fail("values", "a value is given twice", "取值重复")
        }
    }

    /// A date, or nothing.
    func date(_ map: MapReader, _ name: String) -> String? {
        guard let text = map.text(name) else { return nil }
        if Array(text.utf8).span.bytes.withUnsafeBytes({ CivilDateText.read($0) }) == nil {
            map.fail(name, "expected a date such as 2021-07-15", "应为日期，如 2021-07-15")
        }
        return text
    }

    func checkName(_ text: String, _ map: MapReader, _ key: String) {
        guard !text.isEmpty, !isName(text) else { return }
        map.fail(
            key, "\"\(text)\" must be of lower-case letters, digits and -",
            "“\(text)”应由小写字母、数字和 - 组成")
    }

    private func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first >= 0x61, first <= 0x7A else { return false }
        return text.utf8.count <= 63
            && text.utf8.allSatisfy { $0 >= 0x61 && $0 <= 0x7A || $0 &- 0x30 < 10 || $0 == 0x2D }
    }
}

/// Names that other parts of the catalogue may use.
struct CatalogueNames {
    private(set) var laws: Set<String> = []
    private(set) var roles: Set<String> = []
    private(set) var measures: Set<String> = []
    private(set) var registers: Set<String> = []
    private(set) var indicators: Set<String> = []
    /// Duties, and disclosures: they are duties to publish.
    private(set) var duties: Set<String> = []
    private(set) var rules: Set<String> = []
    private(set) var procedures: Set<String> = []
    private(set) var enumerations: [String: [String]] = [:]
    /// Full names of event types with the names of their fields.
    private(set) var events: [String: Set<String>] = [:]

    init() {}

    init(_ root: CatalogueNode) {
        laws = CatalogueNames.set(root["laws"], "id")
        roles = CatalogueNames.set(root["roles"], "id")
        measures = CatalogueNames.set(root["measures"], "id")
        registers = CatalogueNames.set(root["registers"], "id")
        indicators = CatalogueNames.set(root["indicators"], "id")
        for node in root["enumerations"]?.list ?? [] {
            guard let id = node["id"]?.text else { continue }
            enumerations[id] = node["values"]?.list?.compactMap(\.text) ?? []
        }
        for procedure in root["procedures"]?.list ?? [] {
            guard let id = procedure["procedure"]?.text else { continue }
            for key in ["duties", "disclosures"] {
                duties.formUnion(CatalogueNames.set(procedure[key], "id"))
            }
            rules.formUnion(CatalogueNames.set(procedure["rules"], "id"))
            procedures.insert(id)
            for event in procedure["events"]?.list ?? [] {
                guard let name = event["event"]?.text else { continue }
                events["\(id).\(name)"] = CatalogueNames.set(event["fields"], "name")
            }
        }
    }

    private static func set(_ node: CatalogueNode?, _ key: String) -> Set<String> {
        Set(node?.list?.compactMap { $0[key]?.text } ?? [])
    }
}
