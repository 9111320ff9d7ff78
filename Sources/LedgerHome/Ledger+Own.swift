import CanonicalJSON
import LedgerStore
import Merkle
import Records
import Sequencing

extension Ledger {
    @discardableResult
    func demandWriter() throws(LedgerError) -> Sequencer {
        guard let sequencer else {
            throw LedgerError(en: "opened for reading only", zh: "以只读方式打开")
        }
        return sequencer
    }

    /// Records an event of the ledger's own, now; `data` holds the operator too.
    func recordOwn(
        _ type: String, _ stream: StreamName, _ data: JSONValue
    ) async throws(LedgerError) -> SequenceNumber {
        let sequencer = try demandWriter()
        let event = OwnEvents(origin: settings.origin).event(
            type: type, stream: stream, time: clock.wall(), data: data)
        guard let event else { throw LedgerError(en: "impossible event", zh: "事件无效") }
        let answer: Answer
        do throws(StoreError) {
            answer = try await sequencer.submit(Submission([event], recorder: Recorder.ledger))
        } catch {
            throw LedgerError(error)
        }
        guard case .accepted(let acceptance) = answer, let place = acceptance.places.first else {
            throw LedgerError(
                en: "\(type) was not recorded: try again", zh: "\(type) 未能入账，请重试")
        }
        return place.sequence
    }
}
