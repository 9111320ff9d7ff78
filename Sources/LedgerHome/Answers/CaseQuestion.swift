package import CanonicalJSON
package import Projections

/// Which cases of a ledger are asked for, on both clocks.
package struct CaseQuestion: Sendable {
    /// As things stood at the end of this day, since 1970-01-01.
    package var occurredDay: Int?
    package var procedure: String?
    package var stage: String?
    package var limit = 50
    /// Only cases of these procedures.
    package var among: Set<String>?
    /// Cases after this one, in the order of their first records.
    package var after: String?

    package init() {}

    /// The rows of the read model as of so many records.
    package func rows(
        in file: ProjectionFile, of origin: String, size: UInt64
    ) throws(ProjectionError) -> [FoundRow] {
        var question = ProjectionQuestion(asOf: size)
        if let occurredDay { question.occurred = endOfDay(occurredDay) }
        question.limit = limit
        question.procedures = among
        if let after {
            let isReadable = among?.contains(String(after.prefix { $0 != "/" })) ?? true
            guard isReadable, let number = try file.number(of: after, in: origin) else {
                throw ProjectionError(
                    en: "there is no case \(after) to go on after", zh: "没有可接续的案件 \(after)",
                    kind: .unknownName)
            }
            question.after = number
        }
        if let stage { question.values.append(("stage", stage)) }
        guard let procedure else { return try file.rows(of: CasesModel(), in: origin, question) }
        return try file.page(of: procedure, in: origin, question)
    }

    /// A row for programs, as far as it is shown at `level`; without one everything.
    package static func json(_ found: FoundRow, _ level: AnswerLevel? = nil) -> JSONValue {
        let procedure = String(found.stream.prefix { $0 != "/" })
        var members = [
            JSONMember("stream", .string(found.stream)),
            JSONMember("record", .integer(Int64(found.from))),
        ]
        for (column, value) in zip(CasesModel().columns, found.row.values) {
            let json: JSONValue =
                switch value {
                case .null: .null
                case .integer(let number): .integer(number)
                case .text(let text): .string(text)
                }
            let shown =
                switch column.name {
                case "title": level?.title(json, of: procedure)
                case "aliases": level?.aliases(json, of: procedure)
                default: json
                }
            members.append(JSONMember(column.name, shown ?? json))
        }
        return .object(members)
    }
}
