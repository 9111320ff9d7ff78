package import CanonicalJSON
package import Catalogue
package import Digests
import LedgerStore
import Merkle
import Phrases
package import Records
import Sealing

/// Reads submitted bytes and asks the catalogue: the only place where a ``ValidatedEvent`` is made.
///
/// It keeps a reader's memory; each task makes its own.
package final class Intake {
    private let catalogue: EventCatalogue
    private let validator: EventValidator
    private let clock: LedgerClock
    private let timeZoneOffsetMinutes: Int
    private let assertions: Assertions
    private let seals: Bool
    private let holdsAttachment: (_ digest: Digest) throws -> Bool
    private let reader: JSONReader

    /// Seconds by which an event's time may be ahead of the ledger's clock.
    package static let futureToleranceSeconds: Int64 = 120
    /// The longest event, in canonical form: what the record adds fits beside it.
    package static let eventByteCountMax = RecordLayout.byteCountMax - 512

    /// Reads what `catalogue` allows.
    ///
    /// `holdsAttachment` says whether the ledger holds the attachment with this digest, and throws
    /// if the disk does not tell. With `seals`, values that must be sealed are taken: a ``Sealer``
    /// gets the events.
    package init(
        _ catalogue: EventCatalogue, clock: LedgerClock, timeZoneOffsetMinutes: Int = 480,
        assertions: Assertions = .explained, seals: Bool = false,
        holdsAttachment: @escaping (_ digest: Digest) throws -> Bool
    ) {
        (self.catalogue, self.clock) = (catalogue, clock)
        validator = EventValidator(catalogue)
        self.timeZoneOffsetMinutes = timeZoneOffsetMinutes
        (self.assertions, self.seals) = (assertions, seals)
        self.holdsAttachment = holdsAttachment
        reader = JSONReader(byteCountMax: 4 << 20)
    }

    /// The event in `bytes`, or everything that is wrong with it.
    package func read(
        _ bytes: UnsafeRawBufferPointer
    ) throws(EventRefused) -> ValidatedEvent {
        let judged: Result<ValidatedEvent, EventRefused>
        do throws(JSONError) {
            judged = try reader.read(bytes) { view in
                Result { () throws(EventRefused) in try self.judge(view) }
            }
        } catch {
            throw EventRefused([Refusal(.malformed, error.phrase)])
        }
        return try judged.get()
    }

    /// The events of the array in `bytes`, at most 64 MiB, or what is wrong with each that is not
    /// sound; of a batch all or none are recorded.
    package func readBatch(
        _ bytes: UnsafeRawBufferPointer
    ) throws(BatchRefused) -> [ValidatedEvent] {
        var events: [ValidatedEvent] = []
        var refused: [RefusedEvent] = []
        do throws(JSONError) {
            try JSONReader().read(bytes) { array in
                guard array.kind == .array else {
                    refused.append(RefusedEvent(place: 0, refusals: [.noBatch]))
                    return
                }
                for (place, element) in array.elements.enumerated() {
                    do throws(EventRefused) {
                        events.append(try judge(element))
                    } catch {
                        refused.append(RefusedEvent(place: place, refusals: error.refusals))
                    }
                }
            }
        } catch {
            refused = [RefusedEvent(place: 0, refusals: [Refusal(.malformed, error.phrase)])]
        }
        guard refused.isEmpty else { throw BatchRefused(events: refused) }
        return events
    }

    /// The event in `view`, or everything that is wrong with it.
    package func judge(_ view: JSONView) throws(EventRefused) -> ValidatedEvent {
        let event = try CloudEvent(view)
        guard let typeName = view["type"], let data = view["data"], let subject = view["subject"]
        else { throw EventRefused([]) }
        var refusals: [Refusal] = []
        guard !typeName.hasPrefix("ledger.") else {
            throw EventRefused([.reservedType])
        }
        guard let type = catalogue.eventType(typeName.utf8) else {
            throw EventRefused([.unknownType(typeName.string ?? "", catalogue)])
        }
        if let reason = catalogue.refusalOfSubject(subject.utf8, for: type) {
            refusals.append(Refusal(.invalid, at: "/subject", reason))
        }
        refusals += validator.refusals(
            of: data, type: type, on: event.time.date, encrypted: seals ? .clear : .refused)
        refusals += lateness(event)
        refusals += attachments(data)
        if event.bytes.count > Intake.eventByteCountMax {
            refusals.append(.tooLarge(event.bytes.count, Intake.eventByteCountMax))
        }
        let target = self.target(data)
        guard refusals.isEmpty else { throw EventRefused(refusals) }
        let validated = ValidatedEvent(
            event, target: target, refusalsIfNew: event.isAsserted ? assertion(data) : [])
        guard seals else { return validated }
        return validated.with(
            secrets: SealedMember.all(in: data, of: type, about: event.text(event.subject)),
            mayCorrectSecrets: typeName.equals("entry.corrected"))
    }

    private func lateness(_ event: CloudEvent) -> [Refusal] {
        let now = clock.wall()
        if event.isDayOnly {
            let local = now.advanced(bySeconds: Int64(timeZoneOffsetMinutes) * 60)
            return event.time.date > local.utcDate ? [.inFuture(event)] : []
        }
        let latest = now.advanced(bySeconds: Intake.futureToleranceSeconds)
        return event.time.moment > latest ? [.inFuture(event)] : []
    }

    /// Whether the producer may say that an act has taken place, whatever the rules ask for.
    package enum Assertions: Sendable {
        case refused
        /// With the person who answers for it, and the reason.
        case explained
        /// As members of a batch of late entries, which was approved as a whole.
        case approvedBatch
    }

    private func assertion(_ data: JSONView) -> [Refusal] {
        switch assertions {
        case .approvedBatch: return []
        case .refused:
            return [
                Refusal(
                    .mayNotAssert, at: "/asserted",
                    en: "asserting facts needs a right that was not given (append --may-assert)",
                    zh: "补报事实需要相应权限（append --may-assert）")
            ]
        case .explained:
            guard let assertion = data["assertion"] else {
                return [
                    Refusal(
                        .missing, at: "/data/assertion",
                        en: "say who answers for the assertion, and why: {\"person\",\"reason\"}",
                        zh: "请写明补报责任人和理由：{\"person\",\"reason\"}")
                ]
            }
            guard let person = assertion["person"]?.string,
                person == data["operator"]?["person"]?.string
            else { return [] }
            return [
                Refusal(
                    .invalid, at: "/data/assertion/person",
                    en: "another person than the operator answers for an assertion",
                    zh: "补报责任人不得是经办人本人")
            ]
        }
    }

    private func attachments(_ data: JSONView) -> [Refusal] {
        guard let list = data["attachments"] else { return [] }
        var refusals: [Refusal] = []
        for (place, attachment) in list.elements.enumerated() {
            guard let held = attachment["held"], held.equals("ledger"),
                let digest = attachment["sha256"]?.string.flatMap({ Digest(hex: $0) })
            else { continue }
            do {
                if try !holdsAttachment(digest) {
                    refusals.append(.missingAttachment(place, digest))
                }
            } catch {
                let reason = (error as? StoreError)?.reason
                refusals.append(
                    Refusal(.unavailable, reason ?? Phrase(en: "\(error)", zh: "\(error)")))
            }
        }
        return refusals
    }

    private static let targetNames: [(StaticString, String)] = [
        ("corrects", "/data/corrects"), ("withdraws", "/data/withdraws"),
        ("target", "/data/target"),
    ]

    /// What `corrects`, `withdraws` or `target` names; the catalogue has checked their form.
    private func target(_ data: JSONView) -> EventTarget? {
        for (name, pointer) in Intake.targetNames {
            guard let value = data[name], let sequence = value["seq"]?.integer, sequence >= 0,
                let digest = value["leafHash"]?.string.flatMap({ Digest(hex: $0) })
            else { continue }
            return EventTarget(
                sequence: SequenceNumber(UInt64(sequence)), leafHash: LeafHash(digest),
                pointer: pointer)
        }
        return nil
    }
}

/// The ledger's own records: Specs/record.md section 5.
package struct OwnEvents: Sendable {
    private let origin: String

    package init(origin: String) {
        self.origin = origin
    }

    /// A record of the ledger's own, at `time`; `data` holds the operator too.
    package func event(
        type: String, stream: StreamName, time: Timestamp, data: JSONValue
    ) -> ValidatedEvent? {
        let id = "ledger-" + Hex.encode(RandomBytes.make(count: 16))
        let json = JSONValue.object([
            JSONMember("data", data), JSONMember("id", .string(id)),
            JSONMember("source", .string(origin)), JSONMember("specversion", "1.0"),
            JSONMember("subject", .string(stream.text)), JSONMember("time", .string(time.text)),
            JSONMember("type", .string(type)),
        ])
        return read(json)
    }

    /// `ledger.attempt-refused`.
    func attempt(_ data: JSONValue, _ time: Timestamp) -> [ValidatedEvent] {
        let made = event(
            type: "ledger.attempt-refused", stream: .attempts, time: time, data: data)
        return made.map { [$0] } ?? []
    }

    /// `ledger.attempts-suppressed`: how many were not recorded one by one in an hour.
    func suppressed(
        _ recorder: String, _ over: (count: Int, hour: Int64), _ time: Timestamp
    ) -> [ValidatedEvent] {
        let from = Timestamp(microseconds: over.hour * 3_600_000_000)
        let data: JSONValue = [
            "count": .integer(Int64(over.count)), "from": .string(from.text),
            "operator": ["person": "ledger", "unit": .string(origin)],
            "recorder": .string(recorder),
            "to": .string(from.advanced(bySeconds: 3600).text),
        ]
        let made = event(
            type: "ledger.attempts-suppressed", stream: .attempts, time: time, data: data)
        return made.map { [$0] } ?? []
    }

    private func read(_ json: JSONValue) -> ValidatedEvent? {
        json.canonicalBytes.withUnsafeBytes { raw in
            let event = try? JSONReader().read(raw) { view in try? CloudEvent(view) }
            return (event ?? nil).map { ValidatedEvent($0, target: nil) }
        }
    }
}
