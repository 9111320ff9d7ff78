package import CanonicalJSON
package import Projections

/// Which cases of a ledger are asked for, on both clocks.
package struct CaseQuestion: Sendable {
    /// As things stood at the end of this day, since 1970-01-01.
    package var occurredDay: Int?
    package var procedure: String?
    package var stage: String?
    package var limit = 50

    package init() {}

    /// The rows of the read model as of so many records.
    package func rows(
        in file: ProjectionFile, of origin: String, size: UInt64
    ) throws(ProjectionError) -> [FoundRow] {
        var question = ProjectionQuestion(asOf: size)
        if let occurredDay { question.occurred = endOfDay(occurredDay) }
        question.limit = limit
        if let stage { question.values.append(("stage", stage)) }
        guard let procedure else { return try file.rows(of: CasesModel(), in: origin, question) }
        return try file.page(of: procedure, in: origin, question)
    }

    /// A row for programs.
    package static func json(_ found: FoundRow) -> JSONValue {
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
            members.append(JSONMember(column.name, json))
        }
        return .object(members)
    }
}
