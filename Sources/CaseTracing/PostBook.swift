import CanonicalJSON
import Catalogue
package import Phrases
package import Projections
import Records
import Rules

/// What a person held on certain days, by a register: a post, a certificate.
package struct HeldPost: Hashable, Sendable {
    package let register: String
    package let title: Phrase
    /// The post, if the register's entries name one.
    package let post: String?
    package let unit: String?
    package let stream: String
    /// The record by which it began.
    package let record: UInt64
    package let from: Int
    /// The last day; nil is without end.
    package let to: Int?
    /// The record by which it ended.
    package let end: UInt64?

    package func contains(_ day: Int) -> Bool { from <= day && day <= to ?? .max }
}

/// Who held what when: read from the cases of persons, each person once.
package actor PostBook {
    private let view: any PastView
    private let cases: CaseBook
    private let book: RuleBook
    private var known: [String: [HeldPost]] = [:]

    init(_ view: any PastView, _ cases: CaseBook) {
        (self.view, self.cases) = (view, cases)
        book = view.shelf.newest
    }

    /// In the order in which they began.
    package func posts(of person: String) async throws(ProjectionError) -> [HeldPost] {
        if let found = known[person] { return found }
        let procedures = Set(book.catalogue.registers.map(\.procedure))
        var found: [HeldPost] = []
        for stream in try await view.streams(of: procedures, about: person) {
            guard let prefix = try await cases.prefix(of: stream) else { continue }
            found += posts(prefix, of: person)
        }
        found.sort { ($0.from, $0.record, $0.register) < ($1.from, $1.record, $1.register) }
        known[person] = found
        return found
    }

    package func posts(
        of person: String, on day: Int
    ) async throws(ProjectionError) -> [HeldPost] {
        try await posts(of: person).filter { $0.contains(day) }
    }

    private func posts(_ prefix: CasePrefix, of person: String) -> [HeldPost] {
        let history = prefix.history.renamed(book.catalogue.formerNames)
        return book.catalogue.registers.filter { $0.procedure == history.procedure }
            .flatMap { register -> [HeldPost] in
                let holder = history.entries.last { $0.type == register.holderEvent }
                guard holder?.data[register.holderField]?.string == person else { return [] }
                return posts(register, history)
            }
    }

    /// From each beginning to its own end, or to the next entry that ends it.
    ///
    /// An end that names a post ends that post alone: who holds two and leaves one keeps the other.
    private func posts(_ register: Register, _ history: CaseHistory) -> [HeldPost] {
        let line = history.line.map { history.entries[$0] }
        var newest: (post: String?, unit: String?)
        return line.indices.compactMap { index -> HeldPost? in
            let entry = line[index]
            guard register.begins.contains(entry.type) else { return nil }
            // Who is reinstated has the post again that he had.
            let post = entry.data["post"]?.string ?? newest.post
            let unit = entry.data["unit"]?["name"]?.string ?? newest.unit
            newest = (post, unit)
            let from = register.fromField.flatMap { book.day(entry.data[$0]) } ?? entry.day
            let until = register.toField.flatMap { book.day(entry.data[$0]) }
            let end = line[(index + 1)...].first { later in
                let left = later.data["post"]?.string
                return register.ends.contains(later.type) && (left == nil || left == post)
            }
            let last = end.map { $0.day - 1 }
            let to = [until, last].compactMap { $0 }.min()
            guard from <= to ?? .max else { return nil }
            return HeldPost(
                register: register.id, title: register.title, post: post, unit: unit,
                stream: history.stream, record: entry.sequence, from: from, to: to,
                end: end?.sequence)
        }
    }
}
