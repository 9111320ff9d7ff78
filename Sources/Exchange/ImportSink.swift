package import Records

/// Takes the events of an import; the program connects it to the sequencer.
package protocol ImportSink: Sendable {
    /// Records `events`, JSON CloudEvents in the order of the file, and answers for each one.
    ///
    /// An error ends the import; what was recorded before stands, and the import can be done again.
    func submit(
        _ events: [[UInt8]], places: [SourcePlace]
    ) async throws -> [ImportOutcome]
}

/// What became of one event.
package enum ImportOutcome: Hashable, Sendable {
    case recorded
    /// It was in the ledger already, with the same content.
    case repeated
    case refused([Refusal])
}

/// Records nothing: a rehearsal, to see what the mapping makes of a file.
package struct RehearsalSink: ImportSink {
    package init() {}

    package func submit(_ events: [[UInt8]], places: [SourcePlace]) -> [ImportOutcome] {
        Array(repeating: .recorded, count: events.count)
    }
}
