import Phrases

/// Decodes rules and checks their shape; it does not judge by them.
struct RuleDecoder {
    /// What events, fields and names there are.
    let procedure: ProcedureDecoder

    init(_ procedure: ProcedureDecoder) {
        self.procedure = procedure
    }

    var reading: CatalogueReading { procedure.reading }

    // MARK: - Rules

    private static let demands = [
        "requires", "requiresAny", "forbids", "atMostOnce", "terminal", "check", "participants",
    ]

    func rule(_ map: MapReader) -> Rule? {
        let id = map.needText("id")
        procedure.decoder.note(map.place, of: "rule \(id)")
        let event = map.need("event").flatMap(procedure.event) ?? ""
        let given = RuleDecoder.demands.filter { map.has($0) }
        for key in given { _ = map.node(key) }
        if given.count != 1 {
            reading.fail(
                map.place,
                "a rule has exactly one of \(RuleDecoder.demands.joined(separator: ", "))",
                "规则须恰有 \(RuleDecoder.demands.joined(separator: "、")) 之一")
        }
        let level = map.needWord("level", Rule.Level.self, else: .flag)
        let demand = demand(map, given.first ?? "")
        let quote = map.text("quote")
        if level == .refuse { checkRefusal(map, demand, quote) }
        return Rule(
            id: id, event: event, demand: demand, when: condition(map, "when"), level: level,
            quote: quote, basis: basis(map),
            verified: map.needWord("verified", Verification.self, else: .memory),
            note: map.text("note"))
    }

    private func demand(_ map: MapReader, _ key: String) -> Rule.Demand {
        switch key {
        case "requires": return .requires(procedure.events(map, key))
        case "requiresAny": return .requiresAny(procedure.events(map, key))
        case "forbids": return .forbids(procedure.events(map, key))
        case "terminal": return .terminal(except: procedure.events(map, key))
        case "check": return .check(condition(map, key) ?? .words(""))
        case "participants": return participants(map)
        default:
            if key == "atMostOnce", !map.flag(key) {
                map.fail(key, "expected true", "应为 true")
            }
            return .atMostOnce
        }
    }

    private func participants(_ rule: MapReader) -> Rule.Demand {
        guard let map = rule.node("participants").flatMap(reading.map) else { return .atMostOnce }
        defer { map.finish() }
        let role = map.need("role").flatMap(procedure.decoder.role) ?? ""
        let minimum = map.integer("min", 1...64).map(Int.init)
        var apart: Rule.ApartFrom?
        if let other = map.node("apartFrom").flatMap(reading.map) {
            apart = Rule.ApartFrom(
                event: other.need("event").flatMap(procedure.event) ?? "",
                role: other.need("role").flatMap(procedure.decoder.role) ?? "")
            other.finish()
        }
        let held = map.text("holds")
        if let held, !procedure.decoder.names.registers.contains(held) {
            map.fail("holds", "there is no register \"\(held)\"", "没有名册“\(held)”")
        }
        let given: [Rule.Persons?] = [
            minimum.map { .minimum($0) }, apart.map { .apartFrom($0) }, held.map { .holds($0) },
        ]
        let demands = given.compactMap { $0 }
        if demands.count != 1 {
            reading.fail(
                map.place, "give one of min, apartFrom and holds",
                "应给出 min、apartFrom、holds 之一")
        }
        return .participants(role: role, demands.first ?? .minimum(1))
    }

    /// Refused is only what the law forbids in so many words and a machine can decide.
    private func checkRefusal(_ map: MapReader, _ demand: Rule.Demand, _ quote: String?) {
        if quote?.contains("不得") != true {
            map.fail(
                "level",
                "a rule that refuses quotes the sentence of the law with its 不得 in \"quote\"",
                "拒绝类规则须在 quote 中引用含“不得”的法条原文")
        }
        if case .check(.words) = demand {
            map.fail(
                "level", "a rule in words cannot refuse; use flag",
                "以文字表述的规则不能拒绝，请用 flag")
        }
    }

    /// An expression, or `{words: …}`.
    func condition(_ map: MapReader, _ key: String) -> Condition? {
        guard let node = map.node(key) else { return nil }
        if case .map = node.content, let inner = reading.map(node) {
            defer { inner.finish() }
            return .words(inner.needText("words"))
        }
        guard let text = reading.text(node) else { return nil }
        if text.utf8.count > 1_000 { map.fail(key, "over 1000 bytes", "超过 1000 字节") }
        if !isBalanced(text) {
            map.fail(
                key, "quotation marks or brackets do not match; put words under {words: …}",
                "引号或括号不成对；文字表述请写作 {words: …}")
        }
        procedure.decoder.note(node.place, of: text)
        return .expression(text)
    }

    private func isBalanced(_ text: String) -> Bool {
        var open: [UInt8] = []
        var isQuoted = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case _ where isQuoted: break
            case UInt8(ascii: "("): open.append(UInt8(ascii: ")"))
            case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                guard open.popLast() == byte else { return false }
            default: break
            }
        }
        return open.isEmpty && !isQuoted
    }

    // MARK: - Basis

    func basis(_ map: MapReader) -> [Clause] {
        guard let node = map.need("basis") else { return [] }
        let list = reading.list(node)
        if list.isEmpty { map.fail("basis", "at least one source is needed", "至少需要一项依据") }
        return list.compactMap { clause($0) }
    }

    /// `law`, `law article`, `law article(paragraph)` or `law article(paragraph)(item)`.
    private func clause(_ node: CatalogueNode) -> Clause? {
        guard let text = reading.text(node) else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let law = String(words[0])
        if !procedure.decoder.names.laws.contains(law) {
            reading.fail(node.place, "there is no law \"\(law)\"", "没有法律依据“\(law)”")
        }
        guard words.count > 1 else {
            return Clause(law: law, article: nil, paragraph: nil, item: nil)
        }
        let numbers = words[1].split(separator: "(", omittingEmptySubsequences: false)
        let inner = numbers.dropFirst()
        let isSound =
            words.count == 2 && !numbers[0].isEmpty && inner.count <= 2
            && inner.allSatisfy { $0.hasSuffix(")") && $0.utf8.count > 1 }
        guard isSound else {
            reading.fail(
                node.place, "expected a clause such as \"apl21 64(1)\"",
                "应为条款，如 apl21 64(1)")
            return nil
        }
        let parts = inner.map { String($0.dropLast()) }
        return Clause(
            law: law, article: String(numbers[0]), paragraph: parts.first,
            item: parts.count > 1 ? parts[1] : nil)
    }
}
