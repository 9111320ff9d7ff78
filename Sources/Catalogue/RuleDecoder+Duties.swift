import Phrases

// Duties and disclosures: their clocks, and what stops them.
extension RuleDecoder {
    func duty(_ map: MapReader) -> Duty? {
        let to = procedure.events(map, "to")
        if let id = map.text("id") { procedure.decoder.note(map.place, of: "duty \(id)") }
        if to.isEmpty { map.fail("to", "a duty names what ends its clock", "职责须写明以何事件为完成") }
        return Duty(
            id: map.needText("id"), clock: clock(map), to: to, when: condition(map, "when"),
            fulfilledWhen: condition(map, "fulfilledWhen"), matches: match(map, to),
            pauses: pauses(map),
            restarts: procedure.events(map, "restarts"),
            lapses: procedure.events(map, "lapses"), extend: extend(map),
            deemed: deemed(map),
            dutyOf: map.node("dutyOf").flatMap(procedure.decoder.role), basis: basis(map),
            verified: map.needWord("verified", Verification.self, else: .memory),
            note: map.text("note"))
    }

    /// One name for both, or a block with one for each.
    private func match(_ map: MapReader, _ to: [String]) -> Duty.Match? {
        guard let node = map.node("matches") else { return nil }
        let start = map.node("from").flatMap(procedure.event) ?? ""
        guard case .map = node.content else {
            let name = procedure.field(map, "matches", of: start) ?? ""
            for end in to { _ = procedure.field(map, "matches", of: end) }
            return Duty.Match(from: name, to: name)
        }
        guard let inner = reading.map(node) else { return nil }
        defer { inner.finish() }
        _ = inner.need("from")
        _ = inner.need("to")
        for end in to { _ = procedure.field(inner, "to", of: end) }
        return Duty.Match(
            from: procedure.field(inner, "from", of: start) ?? "", to: inner.text("to") ?? "")
    }

    private func clock(_ map: MapReader) -> Duty.Clock {
        if let words = map.text("words") { return .words(words) }
        if let annual = map.node("annual").flatMap(reading.map) {
            defer { annual.finish() }
            return .annual(self.annual(annual))
        }
        if map.has("once") { return .once(by: procedure.decoder.date(map, "once") ?? "") }
        let from = map.need("from").flatMap(procedure.event) ?? ""
        let term = term(map)
        if map.has("dueField") {
            let field = procedure.field(map, "dueField", of: from) ?? ""
            return .dueField(field, from: from, offset: term)
        }
        let field = procedure.field(map, "clockField", of: from)
        guard let term else {
            reading.fail(
                map.place, "a duty has a term (atMost or atLeast), dueField, annual, once or words",
                "职责须有期限（atMost 或 atLeast）、dueField、annual、once 或 words")
            return .words("")
        }
        return .term(term, from: from, field: field)
    }

    private func annual(_ map: MapReader) -> Duty.Annual {
        Duty.Annual(
            from: map.has("from") ? monthDay(map, "from") : nil, by: monthDay(map, "by"),
            isOfNextYear: map.flag("ofNextYear"),
            everyYears: Int(map.integer("everyYears", 1...100) ?? 1),
            count: Int(map.integer("count", 1...1_000) ?? 1))
    }

    /// Events, or blocks that say when the clock goes on.
    private func pauses(_ map: MapReader) -> [Duty.Pause] {
        map.nodes("pauses").compactMap { node in
            guard case .map = node.content, let inner = reading.map(node) else {
                return procedure.event(node).map { .from($0) }
            }
            defer { inner.finish() }
            guard let event = inner.need("event").flatMap(procedure.event) else { return nil }
            if let days = procedure.field(inner, "daysField", of: event) {
                return .days(event, field: days)
            }
            if let from = procedure.field(inner, "fromField", of: event) {
                _ = inner.need("toField")
                let to = procedure.field(inner, "toField", of: event) ?? from
                return .fields(event, from: from, to: to)
            }
            return .between(from: event, to: procedure.events(inner, "until"))
        }
    }

    private func deemed(_ map: MapReader) -> Phrase? {
        guard let inner = map.node("deemed").flatMap(reading.map) else { return nil }
        defer { inner.finish() }
        return inner.title()
    }

    func term(_ map: MapReader) -> Term? {
        let most = map.integer("atMost", 0...100_000)
        let least = map.integer("atLeast", 0...100_000)
        guard let amount = most ?? least else { return nil }
        if most != nil, least != nil {
            map.fail("atLeast", "give atMost or atLeast, not both", "atMost 与 atLeast 只能取其一")
        }
        let unit = map.needWord("unit", TimeUnit.self, else: .natural)
        return Term(bound: most != nil ? .atMost : .atLeast, amount: Int(amount), unit: unit)
    }

    /// `MM-DD`.
    private func monthDay(_ map: MapReader, _ key: String) -> String {
        let text = map.needText(key)
        let isDay = Array("2024-\(text)".utf8).span.bytes.withUnsafeBytes {
            CivilDateText.read($0) != nil
        }
        if !isDay { map.fail(key, "expected a month and day such as 03-31", "应为月日，如 03-31") }
        return text
    }

    private func extend(_ map: MapReader) -> Duty.Extension? {
        guard let inner = map.node("extension").flatMap(reading.map) else { return nil }
        defer { inner.finish() }
        let by = procedure.events(inner, "by")
        return Duty.Extension(
            by: by, untilField: procedure.field(inner, "until", of: by.first ?? ""),
            term: term(inner), words: inner.text("words"))
    }

    func disclosure(_ map: MapReader) -> Disclosure? {
        var annual: Duty.Annual?
        if let inner = map.node("annual").flatMap(reading.map) {
            annual = self.annual(inner)
            inner.finish()
        }
        let term = term(map)
        if (term == nil) == (annual == nil) {
            reading.fail(
                map.place, "a disclosure has either a term or annual", "公开事项须有期限或 annual 之一")
        }
        return Disclosure(
            id: map.needText("id"), event: map.need("event").flatMap(procedure.event) ?? "",
            term: term, annual: annual, to: procedure.events(map, "to"), removal: removal(map),
            channel: map.needText("channel"),
            publish: map.needText("publish"), exempt: map.text("exempt"), basis: basis(map),
            verified: map.needWord("verified", Verification.self, else: .memory),
            note: map.text("note"))
    }

    private func removal(_ map: MapReader) -> Disclosure.Removal? {
        guard let inner = map.node("removal").flatMap(reading.map) else { return nil }
        defer { inner.finish() }
        let term = term(inner)
        if term == nil { inner.fail("atMost", "a removal has a term", "撤下公开须有期限") }
        return Disclosure.Removal(
            from: procedure.events(inner, "from"), to: procedure.events(inner, "to"),
            term: term ?? Term(bound: .atMost, amount: 0, unit: .natural))
    }
}
