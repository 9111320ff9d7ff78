package import CanonicalJSON
import Catalogue
import Merkle
import Phrases
import Projections
import Records
import Rules

/// Answers for programs; names of members are those of the module's types.
enum AnswerJSON {
    static func phrase(_ phrase: Phrase) -> JSONValue {
        ["en": .string(phrase.en), "zh": .string(phrase.zh)]
    }

    static func optional(_ phrase: Phrase?) -> JSONValue { phrase.map(self.phrase) ?? .null }
    static func number(_ number: UInt64?) -> JSONValue {
        number.map { .integer(Int64($0)) } ?? .null
    }
    static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    static func day(_ day: Int?) -> JSONValue {
        day.map { .string(CivilDate(dayNumber: $0).text) } ?? .null
    }
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    // MARK: - Acts

    static func act(_ act: Act) -> JSONValue {
        .object([
            JSONMember("record", number(act.record)), JSONMember("stream", .string(act.stream)),
            JSONMember("type", .string(act.type)), JSONMember("title", phrase(act.title)),
            JSONMember("time", .string(act.time)),
            JSONMember("precision", act.isDayOnly ? "day" : .null),
            JSONMember("day", day(act.day)), JSONMember("recorded", .string(act.recorded.text)),
            JSONMember("phase", .string(act.phase.rawValue)),
            JSONMember("asserted", .bool(act.isAsserted)),
            JSONMember("persons", .array(act.persons.map(person))),
            JSONMember("named", .array(act.named.map(named))),
            JSONMember("protected", .integer(Int64(act.protectedCount))),
            JSONMember("authority", .array(act.authority.map(authority))),
            JSONMember("versions", .array(act.versions.map(version))),
            JSONMember(
                "values",
                .array(
                    act.values.map { ["field": phrase($0.field), "value": phrase($0.text)] })),
            JSONMember(
                "attachments",
                .array(
                    act.attachments.map {
                        ["name": .string($0.name), "sha256": .string($0.digest)]
                    })),
            JSONMember("fate", text(act.fate?.rawValue)),
            JSONMember("changes", .array(act.changes.map(change))),
            JSONMember("target", number(act.target)),
            JSONMember("words", .array(act.words.map(word))),
            JSONMember("enteredLate", .bool(act.lateness != nil)),
            JSONMember("enteredAfterOutcome", .bool(act.isEnteredAfterOutcome)),
            JSONMember("findings", strings(act.findings.map(\.id))),
        ])
    }

    private static func person(_ person: ActPerson) -> JSONValue {
        [
            "person": .string(person.person), "role": .string(person.role),
            "unit": text(person.unit), "post": text(person.post),
            "held": .array(person.held.map(held)), "opinion": text(person.opinion),
            "order": person.order.map { .integer($0) } ?? .null,
            "evidence": text(person.evidence),
        ]
    }

    static func held(_ held: HeldPost) -> JSONValue {
        [
            "register": .string(held.register), "title": phrase(held.title),
            "unit": text(held.unit), "post": text(held.post), "from": day(held.from),
            "to": day(held.to), "stream": .string(held.stream), "record": number(held.record),
            "end": number(held.end),
        ]
    }

    private static func named(_ named: NamedPerson) -> JSONValue {
        ["person": .string(named.person), "field": phrase(named.field)]
    }

    private static func authority(_ authority: Authority) -> JSONValue {
        [
            "law": .string(authority.law), "article": .string(authority.article),
            "edition": text(authority.edition),
        ]
    }

    private static func version(_ version: Version) -> JSONValue {
        [
            "field": phrase(version.field), "stream": .string(version.stream),
            "record": number(version.record),
        ]
    }

    private static func change(_ change: Change) -> JSONValue {
        [
            "record": number(change.by), "person": .string(change.person),
            "approver": text(change.approver), "reason": .string(change.reason),
            "fields": .array(
                change.fields.map {
                    [
                        "field": phrase($0.field), "was": optional($0.was),
                        "now": optional($0.now),
                    ]
                }),
        ]
    }

    private static func word(_ word: Word) -> JSONValue {
        [
            "record": number(word.record), "person": .string(word.person),
            "disputes": .bool(word.isDispute),
        ]
    }

    // MARK: - Duties and findings

    static func duty(_ owed: OwedDuty) -> JSONValue {
        let one = owed.standing
        return [
            "id": .string(one.id), "duty": .string(one.duty.id), "stream": .string(one.stream),
            "state": .string(one.state.rawValue), "start": number(one.start),
            "startDay": day(one.startDay), "due": day(one.dueDay), "end": number(one.end),
            "endDay": day(one.endDay), "persons": strings(owed.persons), "unit": text(owed.unit),
        ]
    }

    static func finding(_ finding: Finding) -> JSONValue {
        [
            "id": .string(finding.id), "rule": .string(finding.rule),
            "kind": .string(finding.kind.rawValue), "stream": .string(finding.stream),
            "record": number(finding.entry), "day": day(finding.day),
            "state": .string(finding.state.rawValue), "stateBy": number(finding.stateBy),
            "what": phrase(finding.what),
        ]
    }

    static func enterprise(_ enterprise: Enterprise) -> JSONValue {
        [
            "code": .string(enterprise.code),
            "names": .array(enterprise.names.map(name)),
        ]
    }

    static func name(_ name: Enterprise.Name) -> JSONValue {
        ["name": .string(name.name), "record": number(name.record), "from": day(name.day)]
    }
}

/// Lists of several ledgers for programs: each element says whose it is.
struct JointJSON {
    private let all: [AnswerHead]

    init(_ heads: [AnswerHead]) { all = heads }

    var heads: JSONValue { .array(all.map(\.json)) }

    func array<Value>(_ list: [Joint<Value>], _ json: (Value) -> JSONValue) -> JSONValue {
        .array(list.map { json($0.value).of(ledger: all[$0.ledger].origin) })
    }
}

extension Trace {
    package var json: JSONValue {
        .object([
            JSONMember("head", head.json),
            JSONMember("outcome", AnswerJSON.number(outcome)),
            JSONMember("years", .integer(Int64(limits.years))),
            JSONMember("depth", .integer(Int64(limits.depth))),
            JSONMember("enterprises", .array(enterprises.map(AnswerJSON.enterprise))),
            JSONMember("cases", .array(cases.map(\.json))),
            JSONMember("acts", .array(acts.map(AnswerJSON.act))),
            JSONMember("links", .array(links.map(\.json))),
            JSONMember("knowledge", .array(knowledge.map(\.json))),
            JSONMember("duties", .array(duties.map(AnswerJSON.duty))),
            JSONMember("findings", .array(findings.map(AnswerJSON.finding))),
            JSONMember(
                "cut",
                [
                    "deeper": AnswerJSON.strings(cuts.deeper),
                    "more": AnswerJSON.strings(cuts.more),
                    "missing": AnswerJSON.strings(cuts.missing),
                ]),
        ])
    }
}

extension TracedCase {
    var json: JSONValue {
        [
            "stream": .string(stream), "procedure": AnswerJSON.phrase(procedure),
            "title": .string(title), "stage": AnswerJSON.optional(stage),
            "ended": .bool(isEnded), "depth": .integer(Int64(depth)),
            "way": AnswerJSON.text(way?.rawValue), "from": AnswerJSON.text(from),
            "records": .integer(Int64(recordCount)),
        ]
    }
}

extension TraceLink {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "from": .string(from),
            "record": AnswerJSON.number(record), "to": .string(to),
            "target": AnswerJSON.number(target), "field": AnswerJSON.optional(field),
        ]
    }
}

extension Knowledge {
    fileprivate var json: JSONValue {
        [
            "stream": .string(stream), "person": .string(person), "day": AnswerJSON.day(day),
            "record": AnswerJSON.number(record), "how": .string(how.rawValue),
        ]
    }
}
