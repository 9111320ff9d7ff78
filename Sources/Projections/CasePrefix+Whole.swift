package import Catalogue

extension CasePrefix {
    /// The whole case.
    package init(_ file: CaseRecords, effect: (UInt64) -> EventCatalogue) {
        self.init(stream: file.stream)
        for record in file.records { take(record, effect(record.sequence)) }
    }
}
