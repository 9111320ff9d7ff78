import Phrases

/// Decodes what is about the whole catalogue: registers and indicators.
struct WholeDecoder {
    private let decoder: CatalogueDecoder
    private let rules: RuleDecoder
    private let procedure: ProcedureDecoder

    init(_ decoder: CatalogueDecoder) {
        self.decoder = decoder
        procedure = ProcedureDecoder(decoder)
        rules = RuleDecoder(procedure)
    }

    private var reading: CatalogueReading { decoder.reading }

    // MARK: - Registers

    func register(_ map: MapReader) -> Register? {
        let begins = procedure.events(map, "begins")
        if begins.isEmpty { map.fail("begins", "name the events with which it begins", "须写明起始事件") }
        let id = map.needText("id")
        decoder.checkName(id, map, "id")
        guard let holder = map.need("holder").flatMap(reading.map) else { return nil }
        let event = holder.need("event").flatMap(procedure.event) ?? ""
        let register = Register(
            id: id, title: map.title(), procedure: String(event.prefix { $0 != "." }),
            holderEvent: event, holderField: procedure.field(holder, "field", of: event) ?? "",
            begins: begins, fromField: procedure.field(map, "fromField", of: begins.first ?? ""),
            toField: procedure.field(map, "toField", of: begins.first ?? ""),
            ends: procedure.events(map, "ends"))
        _ = holder.need("field")
        holder.finish()
        let strangers = (begins + register.ends).filter {
            $0.prefix { $0 != "." } != register.procedure
        }
        if let stranger = strangers.first {
            map.fail(
                "begins", "\(stranger) is not of the procedure \(register.procedure)",
                "\(stranger) 不属于程序 \(register.procedure)")
        }
        return register
    }

    // MARK: - Indicators

    private static let measures = [
        "share", "count", "quotient", "distinct", "streams", "duties", "lateEntries", "total",
    ]

    func indicator(_ map: MapReader) -> Indicator? {
        let given = WholeDecoder.measures.filter { map.has($0) }
        if given.count != 1 {
            reading.fail(
                map.place,
                "an indicator has exactly one of \(WholeDecoder.measures.joined(separator: ", "))",
                "指标须恰有 \(WholeDecoder.measures.joined(separator: "、")) 之一")
        }
        let measure = given.first.flatMap { self.measure(map, $0) }
        let plan = map.nodes("plan").compactMap { procedure.measure($0) }
        let indicator = Indicator(
            id: map.needText("id"), title: map.title(), plan: plan,
            measure: measure ?? .lateEntries,
            period: map.needWord("period", Indicator.Period.self, else: .year),
            target: target(map), by: decoder.date(map, "by"), basis: rules.basis(map),
            verified: map.needWord("verified", Verification.self, else: .memory),
            note: map.text("note"))
        return measure == nil ? nil : indicator
    }

    private func measure(_ map: MapReader, _ key: String) -> Indicator.Measure? {
        switch key {
        case "duties":
            let ids = map.texts(key)
            demand(ids, of: decoder.names.duties, map, key)
            return .duties(ids)
        case "total":
            let ids = map.texts(key)
            demand(ids, of: decoder.names.indicators, map, key)
            return .total(ids)
        case "lateEntries":
            if !map.flag(key) { map.fail(key, "expected true", "应为 true") }
            return .lateEntries
        default:
            guard let inner = map.node(key).flatMap(reading.map) else { return nil }
            defer { inner.finish() }
            return measure(inner, named: key)
        }
    }

    private func measure(_ map: MapReader, named key: String) -> Indicator.Measure? {
        if key == "streams" {
            let id = map.needText("of")
            return .streams(
                procedure: id, where: rules.condition(map, "where"), met: needed(map, "met"))
        }
        let choice = Indicator.Choice(
            of: procedure.events(map, "of"), condition: rules.condition(map, "where"))
        if choice.of.isEmpty { map.fail("of", "name at least one event", "至少写明一种事件") }
        switch key {
        case "share": return .share(choice, met: needed(map, "met"))
        case "count": return .count(choice)
        case "quotient":
            return .quotient(choice, over: map.needText("over"), under: map.needText("under"))
        default:
            return .distinct(choice, by: map.needText("by"), met: needed(map, "met"))
        }
    }

    private func needed(_ map: MapReader, _ key: String) -> Condition {
        _ = map.need(key)
        return rules.condition(map, key) ?? .words("")
    }

    private func demand(
        _ ids: [String], of known: Set<String>, _ map: MapReader, _ key: String
    ) {
        if ids.isEmpty { map.fail(key, "name at least one", "至少写明一项") }
        for id in ids where !known.contains(id) {
            map.fail(key, "there is no \"\(id)\"", "没有“\(id)”")
        }
    }

    private func target(_ map: MapReader) -> Indicator.Target? {
        guard let inner = map.node("target").flatMap(reading.map) else { return nil }
        defer { inner.finish() }
        if let least = inner.integer("atLeast", 0...1_000_000) { return .atLeast(least) }
        if let most = inner.integer("atMost", 0...1_000_000) { return .atMost(most) }
        inner.fail("atLeast", "give atLeast or atMost", "应给出 atLeast 或 atMost")
        return nil
    }
}
