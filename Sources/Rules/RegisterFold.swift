import CanonicalJSON
import Catalogue

/// Who stands in which register on which days, folded from the cases of persons.
package struct RegisterFold: Sendable {
    private var spans: [String: [String: [ClosedRange<Int>]]] = [:]
    /// Nil unless everybody else holds everything.
    private var outsiders: Set<String>?
    /// What was known at which record, by person; used instead of ``spans`` with ``size``.
    private var known: [String: [Held]] = [:]
    private var size: UInt64?

    /// That somebody stood in a register on some days, as known between two records.
    package struct Held: Hashable, Sendable {
        package let register: String
        package let days: ClosedRange<Int>
        /// The record from which it was known, and the one that ended that.
        package let from: UInt64
        package let to: UInt64?

        package init(register: String, days: ClosedRange<Int>, from: UInt64, to: UInt64?) {
            (self.register, self.days, self.from, self.to) = (register, days, from, to)
        }

        func isKnown(in size: UInt64) -> Bool { from < size && (to.map { $0 >= size } ?? true) }
    }

    /// As known when so many records existed.
    package init(_ known: [String: [Held]], size: UInt64) {
        (self.known, self.size) = (known, size)
    }

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
        if let size {
            return (known[person] ?? []).contains {
                $0.register == register && $0.days.contains(day) && $0.isKnown(in: size)
            }
        }
        return spans[register]?[person]?.contains { $0.contains(day) } ?? false
    }

    /// Who a case is about and what he holds by it, in each register that is folded from it.
    package static func spans(
        of history: CaseHistory, _ book: RuleBook
    ) -> [(register: String, person: String, days: ClosedRange<Int>)] {
        book.catalogue.registers.filter { $0.procedure == history.procedure }.flatMap { register in
            let holder = history.entries.last { $0.type == register.holderEvent }
            let person = holder?.data[register.holderField]?.string
            return person.map { person in
                spans(register, history, book).map { (register.id, person, $0) }
            } ?? []
        }
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
