import CanonicalJSON
import Catalogue
import Digests
import LedgerData
import Merkle
import Phrases
import Records
import Sequencing

extension FuzzTarget {
    private static let words = [
        #"{"chain":{"prev":""#, #"","recorded":""#, #"","salt":""#, #"","seq":"#,
        #","v":1},"event":"#, #","intake":{"batch":""#, #""recorder":""#, #"","revision":"#,
        #"{"withheld":{"#, #""leafHash":"#, #""stream":"#, "ledger", "svc:", "cli:", "import:",
        "1/2", "2025-01-06T09:30:00.000000Z",
    ]

    /// A line of the log: a record, or the stub that stands for one.
    static let record = FuzzTarget("record", byteCountMax: 4096, dictionary: words) {
        (bytes) throws(Broken) in
        if let stub = WithheldLine(bytes) {
            try demand(stub.bytes.elementsEqual(bytes), "a stub has one spelling")
            return .read
        }
        let reader = JSONReader()
        let view: JSONView
        do throws(JSONError) { view = try reader.read(bytes) } catch { return .refused }
        let record: RecordView
        do throws(RecordError) {
            record = try RecordView(view)
        } catch {
            try demand(!error.phrase.en.isEmpty, "a refusal has words")
            return .refused
        }
        try withExtendedLifetime(reader) { () throws(Broken) in try judge(record, bytes) }
        return .read
    }

    /// Written again from what was read, it is the same line.
    private static func judge(
        _ record: RecordView, _ line: UnsafeRawBufferPointer
    ) throws(Broken) {
        try demand(
            line[RecordLayout.prev].elementsEqual(record.prev.digest.hex.utf8),
            "prev stands where the layout says")
        try demand(
            line[RecordLayout.recorded].elementsEqual(record.recorded.text.utf8),
            "recorded stands where the layout says")
        var bytes: [UInt8] = []
        var writer = RecordWriter()
        writer.write(
            RecordWriter.Frame(
                prev: record.prev, recorded: record.recorded, salt: Salt(high: 0, low: 0),
                sequence: record.sequence, batch: record.batch,
                recorder: String(decoding: record.recorder, as: UTF8.self),
                revision: record.revision),
            event: Array(record.event.rawBytes), to: &bytes)
        bytes.replaceSubrange(RecordLayout.salt, with: line[RecordLayout.salt])
        try demand(bytes.elementsEqual(line), "a record has one spelling")
    }

    /// A submitted event, through the intake with the shipped catalogue.
    static let event = FuzzTarget("event", byteCountMax: 4096, dictionary: eventWords) {
        (bytes) throws(Broken) in
        guard let catalogue = shippedCatalogue else { throw Broken("the catalogue is read") }
        let clock = LedgerClock(
            wall: { Timestamp(microseconds: 1_780_000_000_000_000) }, steadySeconds: { 0 })
        let intake = Intake(catalogue, clock: clock) { _ in false }
        let event: CloudEvent
        do throws(EventRefused) {
            event = try intake.read(bytes).event
        } catch {
            try demand(!error.refusals.isEmpty, "a refused event is told why")
            return .refused
        }
        let again = event.bytes.withUnsafeBytes { raw in try? intake.read(raw).event }
        guard let again else { throw Broken("an accepted event is accepted again") }
        try demand(again.bytes == event.bytes, "an event's canonical form is its own")
        for span in [\CloudEvent.source, \.id, \.type, \.subject] {
            try demand(
                event.text(event[keyPath: span]) == again.text(again[keyPath: span]),
                "an event's texts stand where they are said to stand")
        }
        return .read
    }

    static let shippedCatalogue = try? EventCatalogue(files: LedgerData.catalogueFiles)

    private static let eventWords = [
        #""specversion":"1.0""#, #""id":""#, #""source":""#, #""type":""#, #""subject":""#,
        #""time":"2025-01-06T09:30:00+08:00""#, #""data":{"#, #""precision":"day""#,
        #""asserted":true"#, #""expectedrevision":-1"#, #""datacontenttype":"application/json""#,
        #""operator":{"person":"P-1","unit":"x"}"#, #""participants":[{"#, #""evidence":"signed""#,
        #""attachments":[{"#, #""held":"ledger""#, #""corrects":{"seq":1,"leafHash":""#,
        "penalty.filed", "decision.proposed", "report.received", "entry.corrected",
    ]
}
