import CanonicalJSON

/// Requests with events of one size that are made fast: only two numbers differ.
///
/// The events are of the shipped catalogue, with all its rules: acceptances of fictitious reports,
/// twenty to a case.
struct LoadEvents {
    private let event: [UInt8]
    private let idPlace: Int
    private let casePlace: Int

    /// Bytes of an event in canonical form.
    static let byteCount = 600
    private static let eventsOfCase = 20
    private static let digitCount = 9
    private static let brief = "Prefer: receipts=brief"

    init() throws {
        let (id, number) = ("111111111", "222222222")
        func text(_ padding: String) -> String {
            let value: JSONValue = [
                "specversion": "1.0", "id": .string("load-\(id)"),
                "source": .string("urn:bench:\(padding)"), "type": "report.accepted",
                "subject": .string("report/RP-2025-\(number)"),
                "time": "2025-03-04T09:30:00+08:00",
                "data": [
                    "operator": [
                        "person": "P-1", "unit": .string(String(repeating: "虚", count: 80)),
                    ],
                    "acceptedOn": "2025-03-04", "reporterTold": true,
                ],
            ]
            return value.canonicalText
        }
        let missing = LoadEvents.byteCount - text("").utf8.count
        event = Array(text(String(repeating: "x", count: max(0, missing))).utf8)
        guard event.count == LoadEvents.byteCount,
            let idPlace = event.firstRange(of: id.utf8)?.lowerBound,
            let casePlace = event.firstRange(of: number.utf8)?.lowerBound
        else { throw BenchError("the event of the load is not as it should be") }
        (self.idPlace, self.casePlace) = (idPlace, casePlace)
    }

    /// A request to record, or only to judge, the event of this number.
    func single(_ number: Int, isRecorded: Bool = true, isBrief: Bool = false) -> [UInt8] {
        var request = head(
            "application/cloudevents+json", isBrief ? [LoadEvents.brief] : [], event.count,
            to: isRecorded ? "/v1/events" : "/v1/events/check")
        append(number, to: &request)
        return request
    }

    /// A request with `count` events, the first of which has the number `first`.
    func batch(_ first: Int, _ count: Int) -> [UInt8] {
        var request = head(
            "application/cloudevents-batch+json", [LoadEvents.brief],
            (event.count + 1) * count + 1)
        for place in 0..<count {
            request.append(UInt8(ascii: place == 0 ? "[" : ","))
            append(first + place, to: &request)
        }
        request.append(UInt8(ascii: "]"))
        return request
    }

    private func head(
        _ type: String, _ more: [String], _ length: Int, to path: String = "/v1/events"
    ) -> [UInt8] {
        let lines = [
            "POST \(path) HTTP/1.1", "Host: 127.0.0.1", "Content-Type: \(type)",
            "Content-Length: \(length)",
        ]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length + 256)
        for line in lines + more + [""] { bytes += "\(line)\r\n".utf8 }
        return bytes
    }

    private func append(_ number: Int, to request: inout [UInt8]) {
        let start = request.count
        request += event
        LoadEvents.write(number, at: start + idPlace, in: &request)
        LoadEvents.write(number / LoadEvents.eventsOfCase, at: start + casePlace, in: &request)
    }

    private static func write(_ number: Int, at place: Int, in bytes: inout [UInt8]) {
        var rest = number
        for digit in (0..<digitCount).reversed() {
            bytes[place + digit] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}
