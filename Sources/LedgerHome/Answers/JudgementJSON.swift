package import CanonicalJSON
package import Catalogue
import Digests
package import Phrases
package import Records
package import Rules

// What judgements look like for programs: printed with --json, and answered by the service.

/// Clauses, in parts.
package func basisJSON(_ basis: [Clause]) -> JSONValue {
    .array(
        basis.map { clause in
            let members = [
                ("law", clause.law), ("article", clause.article),
                ("paragraph", clause.paragraph), ("item", clause.item),
            ]
            return .object(
                members.compactMap { name, value in value.map { JSONMember(name, .string($0)) } })
        })
}

package func phraseJSON(_ phrase: Phrase) -> JSONValue {
    ["zh": .string(phrase.zh), "en": .string(phrase.en)]
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
package func civilDay(_ text: String) -> Int? { CivilDateText.read(text)?.dayNumber }

package func dayText(_ day: Int) -> String { CivilDate(dayNumber: day).text }

/// The last microsecond of a day in Beijing.
func endOfDay(_ day: Int) -> Int64 { (Int64(day + 1) * 86_400 - 8 * 3600) * 1_000_000 - 1 }

extension Timestamp {
    /// The moment that `2025-06-30` or `2025-06-30T17:00:00+08:00` means as an *as of*: of a day,
    /// its end in Beijing.
    package init?(asOf text: String) {
        if let day = civilDay(text) {
            self.init(microseconds: endOfDay(day))
        } else if let zoned = Array(text.utf8).withUnsafeBytes({ ZonedTime($0) }) {
            self = zoned.moment
        } else {
            return nil
        }
    }
}

extension Finding {
    package var json: JSONValue {
        [
            "id": .string(id), "kind": .string(kind.rawValue), "rule": .string(rule),
            "severity": .string(level.rawValue), "stream": .string(stream),
            "seq": entry.map { .integer(Int64($0)) } ?? .null,
            "day": .string(dayText(day)), "asserted": .bool(isAsserted),
            "provisional": .bool(isProvisional), "basis": basisJSON(basis),
            "what": phraseJSON(what), "state": .string(state.rawValue),
            "stateBy": stateBy.map { .integer(Int64($0)) } ?? .null,
        ]
    }
}

extension JointFigure {
    /// The figure over a period of days since 1970-01-01, and what it comes to in each ledger.
    package func json(over period: ClosedRange<Int>, of origins: [String]) -> JSONValue {
        .object(
            [
                JSONMember("id", .string(indicator.id)),
                JSONMember("title", phraseJSON(indicator.title)),
                JSONMember("from", .string(dayText(period.lowerBound))),
                JSONMember("to", .string(dayText(period.upperBound))),
            ] + JointFigure.values(sum) + [
                JSONMember("ledgers", .array(parts.map { $0.json(origins[$0.ledger]) }))
            ])
    }

    /// Null where there is no sum.
    fileprivate static func values(_ figure: IndicatorFigure?) -> [JSONMember] {
        [
            JSONMember("numerator", figure.map { .integer($0.numerator) } ?? .null),
            JSONMember("denominator", figure?.denominator.map { .integer($0) } ?? .null),
            JSONMember("percent", figure?.percent.map { .number($0) } ?? .null),
            JSONMember("reached", figure?.isReached.map { .bool($0) } ?? .null),
        ]
    }
}

extension JointFigure.Part {
    fileprivate func json(_ origin: String) -> JSONValue {
        func numbers(_ sequence: [UInt64]) -> JSONValue {
            .array(sequence.map { .integer(Int64($0)) })
        }
        return .object(
            [
                JSONMember("ledger", .string(origin)),
                JSONMember("definition", .string(definition.hex)),
            ] + JointFigure.values(figure) + [
                JSONMember("met", numbers(figure.met)), JSONMember("all", numbers(figure.all)),
                JSONMember("unknown", numbers(figure.unknown)),
            ])
    }
}

extension LedgerJudgement {
    package func json(_ standing: DutyStanding) -> JSONValue {
        [
            "id": .string(standing.id), "duty": .string(standing.duty.id),
            "stream": .string(standing.stream), "state": .string(standing.state.rawValue),
            "start": standing.start.map { .integer(Int64($0)) } ?? .null,
            "startDay": .string(dayText(standing.startDay)),
            "due": standing.dueDay.map { .string(dayText($0)) } ?? .null,
            "dueMoment": standing.dueMoment.map { .string($0.text) } ?? .null,
            "provisional": .bool(standing.isProvisional),
            "end": standing.end.map { .integer(Int64($0)) } ?? .null,
            "endDay": standing.endDay.map { .string(dayText($0)) } ?? .null,
            "dutyOf": standing.duty.dutyOf.map { .string($0) } ?? .null,
            "ofBureau": .bool(book.isOfBureau(standing.duty)),
            "to": .array(standing.duty.to.map { .string($0) }),
            "basis": basisJSON(standing.duty.basis),
        ]
    }
}
