import CanonicalJSON
import Catalogue
import Digests
import LedgerStore
import Merkle
import Phrases
import Records
import Rules

/// Judges submitted events by the rules that refuse, on what their cases hold at the head.
///
/// Specs/judging.md section 3. A case is folded only if an event with a gate is submitted to it.
struct Gate {
    private let book: RuleBook
    /// The folded cases, by hashed stream name.
    private var histories: [ShortHash: CaseHistory] = [:]

    init(_ book: RuleBook) {
        self.book = book
    }

    /// Whether a rule may refuse the event, so that its case must be folded.
    static func needs(_ event: CloudEvent, _ book: RuleBook) -> Bool {
        !event.isAsserted && book.hasGate(event.text(event.type))
    }

    mutating func hold(_ history: CaseHistory, as stream: ShortHash) {
        histories[stream] = history
    }

    func holds(_ stream: ShortHash) -> Bool { histories[stream] != nil }

    /// Takes an event of a folded case that is about to be recorded, or refuses it.
    mutating func judge(
        _ event: CloudEvent, stream: ShortHash, sequence: SequenceNumber, recorded: Timestamp,
        recorder: String
    ) -> [Breach] {
        let type = event.text(event.type)
        guard book.isSeenByGates(type), var history = histories.removeValue(forKey: stream) else {
            return []
        }
        defer { histories[stream] = history }
        guard let json = try? JSONValue(parsing: event.bytes),
            let entry = CaseEntry(
                event: json, sequence: sequence.rawValue, recorded: recorded, recorder: recorder,
                clock: book.clock)
        else { return [] }
        guard !event.isAsserted, book.hasGate(type) else {
            history.take(entry)
            return []
        }
        let before = history
        history.take(entry)
        history.settle()
        let breaches = RuleJudge(book, history, registers: RegisterFold()).refusals()
        if !breaches.isEmpty { history = before }
        return breaches
    }

    /// What an event refused came to, as it was before: a batch refused whole takes nothing.
    mutating func restore(_ kept: [ShortHash: CaseHistory]) {
        for (stream, history) in kept { histories[stream] = history }
    }

    func copies(of streams: Set<ShortHash>) -> [ShortHash: CaseHistory] {
        var copies: [ShortHash: CaseHistory] = [:]
        for stream in streams { copies[stream] = histories[stream] }
        return copies
    }

    /// The answer to a producer.
    func refusal(_ breach: Breach) -> Refusal {
        let words = FindingWords(catalogue: book.catalogue).words(breach)
        let rule = rule(of: breach)
        let en = rule.basis.map(\.en).joined(separator: "; ")
        let zh = rule.basis.map(\.zh).joined(separator: "；")
        let quote = rule.quote.map { "“\($0)”" } ?? ""
        return Refusal(
            .rule, at: "/type",
            Phrase(
                en: "rule \(rule.id): \(words.en) (\(en): \(quote)); \(rule.next.en)",
                zh: "规则 \(rule.id)：\(words.zh)（依据：\(zh)\(quote)）；\(rule.next.zh)"),
            rule: rule)
    }

    private func rule(of breach: Breach) -> RefusingRule {
        let catalogue = book.catalogue
        let basis = breach.rule.basis.map { clause in
            let law = catalogue.law(clause.law)?.title ?? Phrase(en: clause.law, zh: clause.law)
            let place = [
                clause.article, clause.paragraph.map { "(\($0))" }, clause.item.map { "(\($0))" },
            ]
            .compactMap { $0 }.joined()
            return Phrase(en: "\(law.en) \(place)", zh: "\(law.zh) \(place)")
        }
        return RefusingRule(
            id: breach.rule.id, basis: basis, quote: breach.rule.quote,
            missing: breach.names.map { name in
                RefusingRule.Named(
                    name: name,
                    title: catalogue.title(ofType: name) ?? Phrase(en: name, zh: name))
            },
            next: Phrase(
                en: "record what is missing first, or, if the act has taken place, assert it",
                zh: "请先登记所缺事项，或在行为已经发生时补报（asserted）"))
    }
}

/// An event that a rule refused, to be recorded as an attempt.
struct RefusedAttempt {
    let event: CloudEvent
    let rules: [String]
    let recorder: String
}

extension RefusedAttempt {
    /// The data of `ledger.attempt-refused`: Specs/judging.md section 4.
    func data(_ catalogue: EventCatalogue) -> JSONValue {
        let json = try? JSONValue(parsing: event.bytes)
        let submitter = json?["data"]?["operator"] ?? .object([])
        return [
            "digest": .string(
                SHA256.digest(
                    of: (json?.withoutEncrypted(catalogue) ?? .null)
                        .canonicalBytes
                ).hex),
            "id": .string(event.string(event.id)),
            "operator": submitter,
            "recorder": .string(recorder),
            "rules": .array(rules.map { .string($0) }),
            "source": .string(event.string(event.source)),
            "subject": .string(event.text(event.subject)),
            "type": .string(event.text(event.type)),
        ]
    }
}

extension JSONValue {
    /// The event without the values of fields that are encrypted: an attempt keeps no secret.
    fileprivate func withoutEncrypted(_ catalogue: EventCatalogue) -> JSONValue {
        guard let type = self["type"]?.string.flatMap({ catalogue.eventType($0) }),
            case .object(let members) = self
        else { return self }
        let hidden = Set(type.fields.filter(\.readingClass.isEncrypted).map(\.name))
        return .object(
            members.map { member in
                guard member.name == "data", case .object(let data) = member.value else {
                    return member
                }
                return JSONMember("data", .object(data.filter { !hidden.contains($0.name) }))
            })
    }
}

/// How many refused attempts of each recorder were recorded in the running hour.
struct AttemptBound {
    /// Recorded one by one in an hour; the rest are counted.
    static let perHour = 60

    private var hours: [String: Hour] = [:]

    private struct Hour {
        var number: Int64
        var recorded = 0
        var suppressed = 0
    }

    /// What to do with an attempt.
    enum Verdict {
        /// Record it; before it, what was counted in an hour that is over.
        case record(suppressed: (count: Int, hour: Int64)?)
        case count
    }

    mutating func judge(_ recorder: String, at moment: Timestamp) -> Verdict {
        let number = moment.microseconds / 3_600_000_000
        var hour = hours[recorder] ?? Hour(number: number)
        defer { hours[recorder] = hour }
        var over: (count: Int, hour: Int64)?
        if hour.number != number {
            if hour.suppressed > 0 { over = (hour.suppressed, hour.number) }
            hour = Hour(number: number)
        }
        guard hour.recorded < AttemptBound.perHour else {
            hour.suppressed += 1
            return .count
        }
        hour.recorded += 1
        return .record(suppressed: over)
    }
}
