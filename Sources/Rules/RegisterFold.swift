import CanonicalJSON
import Catalogue

/// Who stands in which register on which days, folded from the cases of persons.
package struct RegisterFold: Sendable {
    private var spans: [String: [String: [ClosedRange<Int>]]] = [:]
    /// Nil unless everybody else holds everything.
    private var outsiders: Set<String>?

    package init() {}

    /// One in which everybody else stands in every register, for trying out an order of events.
    package static func everybody(but outsiders: Set<String>) -> RegisterFold {
        var fold = RegisterFold()
        fold.outsiders = outsiders
        return fold
    }

    /// Takes one person's case into the registers that are folded from its procedure.
    package mutating func take(_ history: CaseHistory, _ book: RuleBook) {
        for register in book.catalogue.registers where register.procedure == history.procedure {
            let holder = history.entries.last { $0.type == register.holderEvent }
            guard let person = holder?.data[register.holderField]?.string else { continue }
            spans[register.id, default: [:]][person, default: []] +=
                RegisterFold.spans(register, history, book)
        }
    }

    /// Whether `person` stands in the register on that day.
    package func holds(_ person: String, _ register: String, on day: Int) -> Bool {
        if let outsiders { return !outsiders.contains(person) }
        return spans[register]?[person]?.contains { $0.contains(day) } ?? false
    }

    /// From each beginning to its own end, or to the next entry that ends it.
    private static func spans(
        _ register: Register, _ history: CaseHistory, _ book: RuleBook
    ) -> [ClosedRange<Int>] {
        let line = history.line.map { history.entries[$0] }
        return line.indices.compactMap { index in
            let entry = line[index]
            guard register.begins.contains(entry.type) else { return nil }
            let from = register.fromField.flatMap { book.day(entry.data[$0]) } ?? entry.day
            let to = register.toField.flatMap { book.day(entry.data[$0]) } ?? .max
            let ended = line[(index + 1)...].first { register.ends.contains($0.type) }?.day
            let last = min(to, ended.map { $0 - 1 } ?? .max)
            return from <= last ? from...last : nil
        }
    }
}
