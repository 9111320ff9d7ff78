package import CanonicalJSON
package import LedgerStore
import Merkle
package import Records

/// Makes plain events and batches of records for tests; nothing of it is real.
package enum EventMaker {
    /// An event of no procedure in particular.
    package static func json(
        id: String, stream: String, type: String = "test.noted", source: String = "urn:test",
        time: String = "2025-03-04T09:30:00+08:00", data: JSONValue = ["note": "虚构"],
        more: [JSONMember] = []
    ) -> JSONValue {
        .object(
            [
                JSONMember("specversion", "1.0"), JSONMember("id", .string(id)),
                JSONMember("source", .string(source)), JSONMember("type", .string(type)),
                JSONMember("subject", .string(stream)), JSONMember("time", .string(time)),
                JSONMember("data", data),
            ] + more)
    }

    package static func event(_ json: JSONValue) throws -> CloudEvent {
        try json.canonicalBytes.withUnsafeBytes { raw in
            try JSONReader().read(raw) { view in Result { try CloudEvent(view) } }.get()
        }
    }

    /// A batch of records of the given events in `head`'s ledger; `revision` tells each one's.
    package static func batch(
        _ events: [CloudEvent], at head: Head, revisions: [UInt64], isAtomic: Bool = false,
        recorded: Timestamp = Timestamp(microseconds: 1_750_000_000_000_000)
    ) -> CommitBatch {
        var batch = CommitBatch(at: head)
        let tools = LinkTools()
        for (place, event) in events.enumerated() {
            let inBatch =
                isAtomic && events.count > 1
                ? BatchPlace(index: place + 1, count: events.count) : nil
            let frame = RecordWriter.Frame(
                prev: batch.newHead.lastLeaf, recorded: max(recorded, head.recorded),
                salt: Salt(high: UInt64(place), low: head.size.rawValue),
                sequence: batch.newHead.size.next, batch: inBatch, recorder: "svc:test",
                revision: Revision(revisions[place]))
            batch.append(event, frame, tools: tools)
        }
        return batch
    }
}
