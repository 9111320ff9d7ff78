/// The rules of every catalogue that a ledger has adopted, each from its adoption on.
///
/// What was recorded is judged by the catalogue in force at its record; a legal rule of it applies
/// by the law in force on the day of the act.
package struct RuleShelf: Sendable {
    /// Ascending by the first sequence number that the book is in force for.
    private let books: [(from: UInt64, book: RuleBook)]

    /// `books` begin with the catalogue of the ledger's creation; at least one is needed.
    package init(
        _ newest: RuleBook, earlier: [(from: UInt64, book: RuleBook)] = [], from: UInt64 = 0
    ) {
        books = earlier + [(earlier.isEmpty ? 0 : from, newest)]
    }

    /// The rules in force now.
    package var newest: RuleBook { books[books.count - 1].book }

    /// The book in force when a record was written.
    package func book(of record: UInt64) -> RuleBook? {
        books.last { $0.from <= record }?.book
    }

    /// Each book with the sequence numbers of the records that it judges.
    var spans: [(book: RuleBook, span: Range<UInt64>)] {
        books.indices.map { place in
            let end = place + 1 < books.count ? books[place + 1].from : UInt64.max
            return (books[place].book, books[place].from..<max(books[place].from, end))
        }
    }
}
