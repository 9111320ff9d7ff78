import CanonicalJSON
import TestKit

/// Events for a ledger under attack; nothing of them is real.
struct InterposedEvents: Sendable {
    /// Begins each event's id, so that no two sets meet.
    let name: String

    func event(_ number: Int, attachment: JSONValue? = nil) -> JSONValue {
        var data: [JSONMember] = [
            JSONMember("operator", ["person": "P-1", "unit": "虚构单位"]),
            JSONMember("acceptedOn", "2025-03-04"), JSONMember("reporterTold", true),
        ]
        if let attachment { data.append(JSONMember("attachments", .array([attachment]))) }
        return EventMaker.json(
            id: "\(name)-\(number)", stream: "report/RP-2025-\(number % 20)",
            type: "report.accepted", source: "urn:campaign", data: .object(data))
    }

    /// One event a line.
    func lines(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { event($0).canonicalBytes + [0x0A] }
    }

    /// One atomic batch.
    func batch(_ count: Int) -> [UInt8] {
        JSONValue.array((0..<count).map { event($0) }).canonicalBytes
    }
}
