import CanonicalJSON
import HTTPService
import LedgerHome
import Phrases

/// One run of `hanqing append` through the service that has the ledger open.
struct ServedAppendRun {
    let service: OwnerConnection
    let teller: AppendTeller
    let input: EventInput
    /// `cli:<name>`.
    let recorder: String
    let isFull: Bool
    let keepsGoing: Bool
    let mayAssert: Bool

    private static let linesPerStep = 1000

    /// Records everything; gives the number of refused events.
    func run() throws(LedgerError) -> Int {
        switch try input.form() {
        case .batch(let bytes): try batch(bytes)
        case .single(let bytes): try lines([(bytes, 1)])
        case .lines(let first):
            var next = first
            while !next.isEmpty, try lines(next) {
                next = try input.lines(atMost: ServedAppendRun.linesPerStep)
            }
        }
        return teller.refusedCount
    }

    /// One after another, because a line may need the one before; false if one ends the run.
    @discardableResult
    private func lines(_ lines: [EventInput.Line]) throws(LedgerError) -> Bool {
        for line in lines {
            let answer = try post("application/cloudevents+json", line.bytes)
            if isGood(answer) {
                teller.tell([answer.body])
            } else {
                let refusals = try refusals(answer).map(\.reason)
                teller.refuse(refusals, line: line.number, of: input.name)
                guard keepsGoing else { return false }
            }
        }
        return true
    }

    private func batch(_ bytes: [UInt8]) throws(LedgerError) {
        let answer = try post("application/cloudevents-batch+json", bytes)
        guard isGood(answer) else {
            let refusals = try refusals(answer)
            let places = Set(refusals.map(\.event)).sorted()
            return teller.refuse(
                batch: places.map { place in
                    (place, refusals.filter { $0.event == place }.map(\.reason))
                }, of: input.name)
        }
        let receipts = (try? JSONValue(parsing: answer.body))?.array ?? []
        teller.tell(receipts.map(\.bytesAsGiven))
    }

    // MARK: - Asking

    private func post(
        _ mediaType: String, _ body: [UInt8]
    ) throws(LedgerError) -> OwnerConnection.Answer {
        try service.post(
            "/v1/events",
            [
                ("Content-Type", mediaType), ("Accept-Language", teller.language.rawValue),
                ("Prefer", isFull ? "receipts=full" : "receipts=brief"),
                (OwnerSocket.recorderField, String(recorder.dropFirst("cli:".count))),
                (OwnerSocket.assertField, "\(mayAssert)"),
            ], body)
    }

    private func isGood(_ answer: OwnerConnection.Answer) -> Bool {
        answer.status == 200 || answer.status == 201
    }

    /// Why events were refused; throws what is no refusal.
    private func refusals(
        _ answer: OwnerConnection.Answer
    ) throws(LedgerError) -> [(event: Int, reason: AppendTeller.Reason)] {
        let problem = try? JSONValue(parsing: answer.body)
        let refusals = problem?["refusals"]?.array ?? []
        guard !refusals.isEmpty, answer.status < 500 else {
            let detail = problem?["detail"]?.string ?? "HTTP \(answer.status)"
            throw LedgerError(en: detail, zh: detail)
        }
        return refusals.map { refusal in
            (
                Int(refusal["event"]?.integer ?? 0),
                AppendTeller.Reason(
                    code: refusal["code"]?.string ?? "", pointer: refusal["pointer"]?.string ?? "",
                    reason: refusal["reason"]?.string ?? "")
            )
        }
    }
}
