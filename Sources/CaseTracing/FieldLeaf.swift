package import CanonicalJSON
package import Catalogue
import Projections
import Records
import Rules

/// One value in an event's data, and the field that it stands in.
package struct FieldLeaf: Sendable {
    /// The field of the event that the value is in, or is part of.
    package let top: Field
    package let field: Field
    package let value: JSONValue

    /// All values of these fields, elements of lists and members of records one by one.
    package static func all(of fields: [Field], in data: JSONValue) -> [FieldLeaf] {
        var found: [FieldLeaf] = []
        for field in fields { gather(field, data[field.name], field, &found) }
        return found
    }

    private static func gather(
        _ field: Field, _ value: JSONValue?, _ top: Field, _ found: inout [FieldLeaf]
    ) {
        guard let value else { return }
        for element in value.array ?? [value] {
            if field.type == .record, !field.members.isEmpty {
                for member in field.members { gather(member, element[member.name], top, &found) }
            } else {
                found.append(FieldLeaf(top: top, field: field, value: element))
            }
        }
    }
}

extension RuleBook {
    /// The day that a date or an instant names.
    func day(_ value: JSONValue?) -> Int? {
        guard let text = value?.string else { return nil }
        if let date = CivilDateText.read(text) { return date.dayNumber }
        return Array(text.utf8).withUnsafeBytes { ZonedTime($0) }.map { day(of: $0.moment) }
    }
}

extension CasePrefix {
    /// Of a record: what stands now, after all corrections; of a withdrawn entry, what was said
    /// last; nil of a withheld line.
    func entry(_ record: CaseRecord) -> CaseEntry? {
        history.entries.first { $0.sequence == record.sequence } ?? record.entry
    }
}
