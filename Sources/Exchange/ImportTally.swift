import Phrases
import Records

/// Adds up what becomes of a file's rows.
struct ImportTally {
    private(set) var report: ImportReport
    private(set) var progress: ImportProgress
    private let samplesPerReason: Int
    private var places: [String: Int] = [:]

    init(_ batch: ImportBatch, samplesPerReason: Int) {
        report = ImportReport(batch: batch)
        progress = ImportProgress(bytesTotal: batch.bytes)
        self.samplesPerReason = samplesPerReason
    }

    /// `outcomes` are those of the batch's events, in order.
    mutating func take(_ batch: ImportProducer.Batch, _ outcomes: [ImportOutcome]) {
        precondition(outcomes.count == batch.events.count, "the sink answers for every event")
        report.read += batch.rowCount
        report.ignored += batch.rowCount - batch.events.count - batch.refused.count
        for refused in batch.refused {
            refuse(refused.reason.code.rawValue, refused.place, refused.reason.reason)
        }
        for (place, outcome) in zip(batch.places, outcomes) {
            switch outcome {
            case .recorded: report.recorded += 1
            case .repeated: report.repeated += 1
            case .refused(let refusals): refuse(refusals, place)
            }
        }
        progress.bytesRead = batch.storedBytes
        (progress.read, progress.recorded) = (report.read, report.recorded)
        (progress.repeated, progress.refused) = (report.repeated, report.refused)
    }

    mutating func take(_ end: ImportProducer.End) {
        report.ignoredAttributes = end.ignoredAttributes
        report.ignoredActivities = end.ignoredActivities
        report.streams = end.streamCount
        report.failure = end.failure
        report.refusedKinds.sort { ($1.count, $0.code) < ($0.count, $1.code) }
    }

    private mutating func refuse(_ refusals: [Refusal], _ place: SourcePlace) {
        let all = refusals.map(\.phrase)
        let reason = Phrase(
            en: all.map(\.en).joined(separator: "; "), zh: all.map(\.zh).joined(separator: "；"))
        refuse(refusals.first?.code.rawValue ?? "refused", place, reason)
    }

    private mutating func refuse(_ code: String, _ place: SourcePlace, _ reason: Phrase) {
        report.refused += 1
        let index = places[code] ?? report.refusedKinds.count
        if index == report.refusedKinds.count {
            places[code] = index
            report.refusedKinds.append(ImportReport.RefusedKind(code: code))
        }
        report.refusedKinds[index].count += 1
        if report.refusedKinds[index].samples.count < samplesPerReason {
            report.refusedKinds[index].samples.append(
                ImportReport.Sample(place: place, reason: reason))
        }
    }
}
