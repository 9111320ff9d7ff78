/// Imports a file through a mapping into a sink.
///
/// Done again, it makes the same events: what a first run recorded is repeated, not entered twice.
package struct Importer: Sendable {
    package struct Options: Sendable {
        /// Rows of the file that are submitted at once.
        package var eventsPerSubmission = 1_000
        /// Submissions made ready while the sink works.
        package var submissionsAhead = 8
        /// Refused rows that the report shows of each kind.
        package var samplesPerReason = 10

        package init() {}
    }

    private let batch: ImportBatch
    private let mapping: ImportMapping
    private let options: Options

    /// `batch` is made of `mapping`; the program records its approval before it runs the import.
    package init(_ batch: ImportBatch, _ mapping: ImportMapping, options: Options = Options()) {
        (self.batch, self.mapping, self.options) = (batch, mapping, options)
    }

    /// Reads the file to its end, or to where it cannot be read: ``ImportReport/failure``.
    ///
    /// Throws what the sink throws, or `CancellationError`; what was recorded stands either way.
    package func run(
        sink: any ImportSink, progress: @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        let queue = BatchQueue<ImportProducer.Message>(capacity: options.submissionsAhead)
        ImportProducer(
            batch: batch, mapping: mapping, eventsPerSubmission: options.eventsPerSubmission,
            queue: queue
        ).start()
        defer { queue.cancel() }
        var tally = ImportTally(batch, samplesPerReason: options.samplesPerReason)
        while let message = await queue.next() {
            try Task.checkCancellation()
            switch message {
            case .end(let end): tally.take(end)
            case .batch(let batch):
                let outcomes =
                    batch.events.isEmpty
                    ? [] : try await sink.submit(batch.events, places: batch.places)
                tally.take(batch, outcomes)
                progress(tally.progress)
            }
        }
        return tally.report
    }

    /// Reads `file` through once for its digest, then imports it: for an import that needs no
    /// approval, such as a rehearsal.
    package static func run(
        file: String, mapping: ImportMapping, sink: any ImportSink,
        options: Options = Options(), progress: @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        let batch = try ImportBatch(path: file, mapping: mapping)
        return try await Importer(batch, mapping, options: options)
            .run(sink: sink, progress: progress)
    }
}

/// How far an import has come.
package struct ImportProgress: Hashable, Sendable {
    /// Bytes of the stored file.
    package var bytesRead: Int64 = 0
    package var bytesTotal: Int64
    package var read = 0
    package var recorded = 0
    package var repeated = 0
    package var refused = 0
}
