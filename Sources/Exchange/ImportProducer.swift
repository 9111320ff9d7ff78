import Digests
import Foundation
import Phrases

/// Reads a file and makes its events, on a thread of its own, ahead of the sink.
struct ImportProducer: Sendable {
    /// Some rows of the file, in order.
    struct Batch: Sendable {
        var events: [[UInt8]] = []
        var places: [SourcePlace] = []
        var refused: [(place: SourcePlace, reason: RowRefusal)] = []
        var rowCount = 0
        var storedBytes: Int64 = 0
    }

    /// What is known at the end.
    struct End: Sendable {
        var ignoredAttributes: [ImportReport.Count] = []
        var ignoredActivities: [ImportReport.Count] = []
        var streamCount = 0
        var failure: ImportError?
    }

    enum Message: Sendable {
        case batch(Batch)
        case end(End)
    }

    let batch: ImportBatch
    let mapping: ImportMapping
    let eventsPerSubmission: Int
    let queue: BatchQueue<Message>

    func start() {
        let thread = Thread { run() }
        thread.name = "import"
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func run() {
        var end = End()
        do throws(ImportError) {
            try produce(&end)
        } catch {
            end.failure = error
        }
        _ = queue.push(.end(end))
        queue.finish()
    }

    private func produce(_ end: inout End) throws(ImportError) {
        let source = try ByteSource(path: batch.path)
        var pending = Batch()
        do throws(ImportError) {
            try produce(source, &pending, &end)
        } catch {
            // What came before the fault stands.
            _ = flush(&pending, source)
            throw error
        }
        guard flush(&pending, source) else { return }
        guard try source.finish() == batch.sha256 else { throw changed() }
    }

    private func produce(
        _ source: ByteSource, _ pending: inout Batch, _ end: inout End
    ) throws(ImportError) {
        try mapping.read(source, batch: batch.id, &end) { made, place in
            add(made, place, source, &pending)
        }
    }

    /// False once nobody takes any more.
    private func add(
        _ made: EventMaker.Made, _ place: SourcePlace, _ source: ByteSource,
        _ pending: inout Batch
    ) -> Bool {
        pending.rowCount += 1
        switch made {
        case .event(let bytes):
            pending.events.append(bytes)
            pending.places.append(place)
        case .refused(let reason): pending.refused.append((place, reason))
        case .ignored: break
        }
        return pending.rowCount < eventsPerSubmission || flush(&pending, source)
    }

    private func flush(_ pending: inout Batch, _ source: ByteSource) -> Bool {
        pending.storedBytes = source.storedBytes
        defer { pending = Batch() }
        return queue.push(.batch(pending))
    }

    private func changed() -> ImportError {
        ImportError(
            batch.path, SourcePlace(line: 0),
            Phrase(
                en: "the file changed while it was imported; its digest is not the approved one",
                zh: "导入过程中文件发生变化，其摘要与批准的不符"))
    }
}

extension ImportMapping {
    /// Makes the events of all rows in `source` and gives each to `body` until it answers false.
    fileprivate func read(
        _ source: ByteSource, batch: String, _ end: inout ImportProducer.End,
        _ body: (EventMaker.Made, SourcePlace) -> Bool
    ) throws(ImportError) {
        if let plan {
            let maker = EventMaker(plan, batch: batch)
            defer { end.take(maker) }
            try reader(source, plan).read { row in body(maker.make(row), row.place) }
        } else {
            let lines = CloudEventLines(source, batch: batch)
            defer { end.streamCount = lines.streamCount }
            try lines.read(body)
        }
    }

    /// Makes the events of all rows in `source`, in the thread that calls; a refused or ignored row
    /// gives `body` nil.
    ///
    /// ``Importer`` is the way for programs; this is what there is to try of it without a sink.
    package func readEvents(
        _ source: ByteSource, batch: String, _ body: ([UInt8]?) -> Void
    ) throws(ImportError) {
        var end = ImportProducer.End()
        try read(source, batch: batch, &end) { made, _ in
            if case .event(let bytes) = made { body(bytes) } else { body(nil) }
            return true
        }
    }

    private func reader(_ source: ByteSource, _ plan: MappingPlan) -> any RowReader {
        switch form {
        case .xes: XESReader(source, names: plan.names)
        case .csv: CSVReader(source, names: plan.names, options: csv)
        case .ndjson, .cloudevents: NDJSONReader(source, names: plan.names)
        }
    }
}

extension ImportProducer.End {
    fileprivate mutating func take(_ maker: EventMaker) {
        streamCount = maker.streamCount
        ignoredAttributes = zip(maker.names, maker.ignoredAttributes)
            .filter { $0.1 > 0 }
            .map { ImportReport.Count(name: $0.0, count: $0.1) }
            .sorted { $0.name < $1.name }
        ignoredActivities = maker.ignoredActivities
            .map { ImportReport.Count(name: $0.key, count: $0.value) }
            .sorted { $0.name < $1.name }
    }
}
