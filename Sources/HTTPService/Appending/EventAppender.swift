import Access
import CanonicalJSON
import Catalogue
import HTTPTypes
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Records
import Sequencing

/// `POST /v1/events`, and `…/check`, which records nothing: Specs/http.md section 2.
struct EventAppender: Sendable {
    let ledger: Ledger
    let sequencer: Sequencer
    let provers: Pool<ProofMaker>
    let head: Watermark
    let measures: ServiceMeasures

    static let eventByteCountMax = 4 << 20
    static let batchByteCountMax = 16 << 20
    static let batchCountMax = 10_000

    /// Events that were read and may be submitted.
    private struct Reading {
        let events: [ValidatedEvent]
        let isBatch: Bool
        let recorder: String

        var submission: Submission { Submission(events, recorder: recorder) }
    }

    nonisolated(nonsending) func append(_ request: APIRequest) async throws(Problem) -> APIResponse
    {
        let received = try await receive(request)
        // Reading what is refused all the same would take time from what waits.
        guard !sequencer.isBusy else { throw EventAppender.busy(retryAfterSeconds: 1) }
        let reading = try read(request, received)
        let isBrief = request.prefersBriefReceipts
        guard !reading.events.isEmpty else { return answer([], reading, isBrief: isBrief) }
        let answer: Answer
        do throws(StoreError) {
            answer = try await ledger.submit(reading.submission)
        } catch {
            throw Problem(error)
        }
        switch answer {
        case .accepted(let acceptance):
            head.advance(to: acceptance.size.rawValue)
            measures.recorded(acceptance.places)
            let receipts = try await receipts(acceptance, reading.events, full: !isBrief)
            return self.answer(receipts, reading, isBrief: isBrief)
        case .refused(let events):
            measures.refused(events)
            // The attempt may have been recorded.
            try? await head.look(at: ledger)
            throw Problem(events, isBatch: reading.isBatch)
        case .busy(let seconds):
            throw EventAppender.busy(retryAfterSeconds: seconds)
        }
    }

    private static func busy(retryAfterSeconds seconds: Int) -> Problem {
        Problem(
            .busy, retryAfterSeconds: seconds, en: "too many events wait to be recorded",
            zh: "待入账事件过多")
    }

    nonisolated(nonsending) func check(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let reading = try read(request, try await receive(request))
        let prospect: Prospect
        do throws(StoreError) {
            prospect = try await ledger.prospect(of: reading.submission)
        } catch {
            throw Problem(error)
        }
        switch prospect {
        case .refused(let events): throw Problem(events, isBatch: reading.isBatch)
        case .accepted(let places):
            let isRepeat = !places.isEmpty && places.allSatisfy(\.isRepeat)
            let events = zip(places, reading.events).map { place, event -> JSONValue in
                [
                    "stream": .string(event.event.text(event.event.subject)),
                    "revision": .integer(Int64(place.revision.rawValue)),
                    "repeat": .bool(place.isRepeat),
                ]
            }
            return APIResponse(
                json: [
                    "verdict": isRepeat ? "repeat" : "accepted", "events": .array(events),
                ])
        }
    }

    // MARK: - Reading

    private typealias Received = (mode: ContentMode, bytes: [UInt8])

    private nonisolated(nonsending) func receive(
        _ request: APIRequest
    ) async throws(Problem) -> Received {
        try request.query.demandOnly([])
        let mode = try ContentMode(request.headers)
        let limit =
            if case .batch = mode {
                EventAppender.batchByteCountMax
            } else {
                EventAppender.eventByteCountMax
            }
        return (mode, try await request.body.bytes(upTo: limit))
    }

    private func read(_ request: APIRequest, _ received: Received) throws(Problem) -> Reading {
        let isBatch = if case .batch = received.mode { true } else { false }
        // Whether a token lets him assert is asked of each event below.
        let intake = ledger.intake(request.caller.assertsNothing ? .refused : .explained)
        let events: [ValidatedEvent]
        do throws(BatchRefused) {
            events = try EventAppender.events(received.bytes, received.mode, intake)
        } catch {
            measures.refused(error.events)
            throw Problem(error.events, isBatch: isBatch)
        }
        guard events.count <= EventAppender.batchCountMax else {
            throw Problem(
                .tooLarge, en: "a batch has at most \(EventAppender.batchCountMax) events",
                zh: "一批至多 \(EventAppender.batchCountMax) 个事件")
        }
        try demandRights(request, events)
        return Reading(
            events: events, isBatch: isBatch, recorder: request.caller.recorder ?? "svc:nobody")
    }

    private static func events(
        _ bytes: [UInt8], _ mode: ContentMode, _ intake: Intake
    ) throws(BatchRefused) -> [ValidatedEvent] {
        do throws(EventRefused) {
            switch mode {
            case .batch: break
            case .structured: return [try read(bytes, intake)]
            case .binary(let attributes):
                return [try read(try ContentMode.event(attributes, data: bytes), intake)]
            }
        } catch {
            throw BatchRefused(events: [RefusedEvent(place: 0, refusals: error.refusals)])
        }
        return try bytes.span.bytes.withUnsafeBytes { (raw) throws(BatchRefused) in
            try intake.readBatch(raw)
        }
    }

    private static func read(
        _ bytes: [UInt8], _ intake: Intake
    ) throws(EventRefused) -> ValidatedEvent {
        try bytes.span.bytes.withUnsafeBytes { (raw) throws(EventRefused) in try intake.read(raw) }
    }

    private func demandRights(_ request: APIRequest, _ events: [ValidatedEvent]) throws(Problem) {
        for event in events.map(\.event) {
            let entry = Action.Entry(
                procedure: EventAppender.procedure(of: event),
                by: ledger.catalogue.eventType(event.text(event.type))?.by ?? [],
                operatorID: request.caller.speaksForAnybody ? "" : EventAppender.enterer(of: event),
                isAsserted: event.isAsserted)
            try request.demand(.append(entry))
        }
    }

    private static func procedure(of event: CloudEvent) -> String {
        let subject = event.bytes[event.subject.start...].prefix(event.subject.count)
        return String(decoding: subject.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
    }

    private static func enterer(of event: CloudEvent) -> String {
        event.bytes.withUnsafeBytes { raw in
            let person = try? JSONReader().read(raw) { event in
                event["data"]?["operator"]?["person"]?.string
            }
            return (person ?? nil) ?? ""
        }
    }

    // MARK: - Answering

    private nonisolated(nonsending) func receipts(
        _ acceptance: Acceptance, _ events: [ValidatedEvent], full: Bool
    ) async throws(Problem) -> [Receipt] {
        var prover = provers.take()
        defer { provers.give(prover) }
        do throws(StoreError) {
            return try await prover.receipts(for: acceptance, events, full: full)
        } catch {
            throw Problem(error)
        }
    }

    private func answer(
        _ receipts: [Receipt], _ reading: Reading, isBrief: Bool
    ) -> APIResponse {
        let isNew = receipts.contains { !$0.isRepeat }
        var bytes: [UInt8] = []
        if reading.isBatch { bytes.append(UInt8(ascii: "[")) }
        for (place, receipt) in receipts.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            receipt.write(to: &bytes)
        }
        if reading.isBatch { bytes.append(UInt8(ascii: "]")) }
        var response = APIResponse(isNew ? .created : .ok, .json, bytes)
        if isNew, !reading.isBatch, let receipt = receipts.first {
            response.headers[.location] = "/v1/events/\(receipt.sequence)"
        }
        if isBrief { response.headers.add("Preference-Applied", "receipts=brief") }
        return response
    }
}

extension APIRequest {
    /// RFC 7240: `Prefer: receipts=brief`.
    var prefersBriefReceipts: Bool {
        let preferences = headers.values(named: "prefer")
        return !preferences.isEmpty
            && preferences.joined(separator: ",").split(separator: ",").contains { preference in
                let parts = preference.split(separator: ";")[0].split(separator: "=")
                    .map { $0.trimmed.lowercased() }
                return parts.count == 2 && parts[0] == "receipts"
                    && ["brief", "\"brief\""].contains(parts[1])
            }
    }
}
