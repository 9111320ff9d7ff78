package import Catalogue
package import Phrases
package import Records
package import Rules

/// What an export is made from: Specs/exports.md section 1.
package struct ExportSource: Sendable {
    package let origin: String
    /// Records that exist as of the moment.
    package let size: UInt64
    /// The root hash of that size, in hexadecimal.
    package let root: String
    package let asOf: Timestamp
    package let catalogue: EventCatalogue
    package let clock: LocalTime
    package let language: Language

    package init(
        origin: String, size: UInt64, root: String, asOf: Timestamp, catalogue: EventCatalogue,
        clock: LocalTime, language: Language
    ) {
        (self.origin, self.size, self.root, self.asOf) = (origin, size, root, asOf)
        (self.catalogue, self.clock, self.language) = (catalogue, clock, language)
    }

    /// What a record is called outside its ledger.
    package func name(of sequence: UInt64) -> String { "\(origin)#\(sequence)" }
}

/// A format that is written case by case.
///
/// What lists things apart asks for the cases several times, so that none needs to be kept.
package protocol CaseExport: AnyObject {
    var passCount: Int { get }
    func begin(_ pass: Int) throws(ExportError)
    /// The cases that follow are of this ledger.
    func turn(to source: ExportSource)
    func take(_ file: ExportedCase, _ pass: Int) throws(ExportError)
    func end(_ pass: Int) throws(ExportError)
}

extension CaseExport {
    package var passCount: Int { 1 }
    package func begin(_ pass: Int) throws(ExportError) {}
    package func turn(to source: ExportSource) {}
    package func end(_ pass: Int) throws(ExportError) {}
}
