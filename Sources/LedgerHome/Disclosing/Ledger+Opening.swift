import CanonicalJSON
import Catalogue
package import Digests
import LedgerStore
package import Merkle
import Phrases
package import Records
import Rules
package import Sealing
import Sequencing
import VaultStore

/// Who sees, and for whom it is recorded.
package struct Viewer: Sendable {
    package let person: String
    package let unit: String
    package let recorder: String

    package init(person: String, unit: String, recorder: String) {
        (self.person, self.unit, self.recorder) = (person, unit, recorder)
    }
}

/// A look that waits for no approval, and has to be justified afterwards.
package struct Emergency: Sendable {
    package let stream: String
    package let fields: [String]
    package let reason: String

    package init(stream: String, fields: [String], reason: String) {
        (self.stream, self.fields, self.reason) = (stream, fields, reason)
    }
}

/// What became of one sealed value.
package struct OpenedValue: Sendable {
    package let sequence: SequenceNumber
    package let field: String
    package let outcome: Outcome

    package enum Outcome: Sendable {
        /// In canonical JSON.
        case value(SecretBytes)
        /// Its key was destroyed on this day.
        case shredded(String)
        /// The vault has no key to it: it is lost.
        case lost
        /// Its key is not wrapped to this holder.
        case notForHolder
        case unsound(SealingError)
    }
}

/// An opening that is recorded and durable: only now may values be seen.
package struct RecordedOpening: Sendable {
    package let sequence: SequenceNumber
    let found: [(value: SealedValues.Found, state: Keyed)]

    /// What there is to open a value with.
    enum Keyed: Sendable {
        case wrapped(WrappedKey)
        case shredded(String)
        case lost
        case notForHolder

        var isOpen: Bool { if case .wrapped = self { true } else { false } }
        var day: String? { if case .shredded(let day) = self { day } else { nil } }
    }

    /// Its values, where the holder's private key is.
    package func values(with key: X25519PrivateKey) -> [OpenedValue] {
        found.map { value, state in
            OpenedValue(
                sequence: value.sequence, field: value.field,
                outcome: RecordedOpening.outcome(of: value, state, key))
        }
    }

    private static func outcome(
        of value: SealedValues.Found, _ state: Keyed, _ key: X25519PrivateKey
    ) -> OpenedValue.Outcome {
        switch state {
        case .shredded(let day): return .shredded(day)
        case .lost: return .lost
        case .notForHolder: return .notForHolder
        case .wrapped(let wrapped):
            do throws(SealingError) {
                let dataKey = try wrapped.unwrap(with: key, origin: value.place.origin)
                return .value(try value.box.open(with: dataKey, at: value.place))
            } catch {
                return .unsound(error)
            }
        }
    }
}

extension Ledger {
    /// Records that `viewer` sees what the case `access` of the procedure `vault` allows.
    ///
    /// Everything is looked at before: an opening that would show nothing is not recorded. A crash
    /// after it leaves the record, and nothing was shown.
    package func recordOpening(
        _ access: StreamName, by viewer: Viewer, holder: X25519PublicKey,
        emergency: Emergency? = nil
    ) async throws(OpeningError) -> RecordedOpening {
        let scope: OpeningGround.Scope
        if let emergency {
            scope = OpeningGround.Scope(
                stream: emergency.stream, fields: emergency.fields, words: .array([]))
        } else {
            let history = try await history(of: access)
            do throws(OpeningRefused) {
                scope = try OpeningGround(history).scope(for: viewer.person, at: clock.wall())
            } catch {
                throw .refused(error)
            }
        }
        let found = try await keyed(scope, HolderID(holder))
        guard !found.isEmpty else { throw .refused(.nothingSealed(scope.stream)) }
        guard found.contains(where: \.state.isOpen) else {
            throw .refused(
                found.lazy.compactMap(\.state.day).first.map { .destroyed($0) }
                    ?? .notForHolder)
        }
        let sequence = try await record(access, scope, found.map(\.value), viewer, emergency)
        return RecordedOpening(sequence: sequence, found: found)
    }

    // MARK: - Steps

    private func history(of stream: StreamName) async throws(OpeningError) -> CaseHistory {
        CaseHistory(
            stream: stream.text, lines: try await lines(of: stream.text),
            clock: LocalTime(zone: catalogue.timeZone))
    }

    private func lines(of stream: String) async throws(OpeningError) -> [[UInt8]] {
        guard let name = StreamName(stream) else { return [] }
        do throws(StoreError) {
            return try await store.lines(of: [name]).first ?? []
        } catch {
            throw .unanswered(LedgerError(error))
        }
    }

    /// The sealed values that are meant, and whether this holder has keys to them.
    private func keyed(
        _ scope: OpeningGround.Scope, _ holder: HolderID
    ) async throws(OpeningError) -> [(value: SealedValues.Found, state: RecordedOpening.Keyed)] {
        let values = SealedValues(
            lines: try await lines(of: scope.stream), origin: settings.origin,
            fields: Set(scope.fields))
        guard !values.all.isEmpty else { return [] }
        do throws(LedgerError) {
            return try await withVault { _ throws(VaultError) in
            } then: { vault throws(LedgerError) in
                try await Ledger.asking { () throws(VaultError) in
                    try await Ledger.keyed(values, in: vault, holder)
                }
            }
        } catch {
            throw .unanswered(error)
        }
    }

    private static func keyed(
        _ values: SealedValues, in vault: VaultStore, _ holder: HolderID
    ) async throws(VaultError) -> [(value: SealedValues.Found, state: RecordedOpening.Keyed)] {
        var found: [(value: SealedValues.Found, state: RecordedOpening.Keyed)] = []
        for value in values.all {
            let state: RecordedOpening.Keyed =
                switch try await vault.state(of: value.box.handle) {
                case .shredded(let day): .shredded(day)
                case .unknown, .unassigned: .lost
                case .assigned:
                    try await vault.wrappedKey(of: value.box.handle, for: holder)
                        .map(RecordedOpening.Keyed.wrapped) ?? .notForHolder
                }
            found.append((value, state))
        }
        return found
    }

    private func record(
        _ access: StreamName, _ scope: OpeningGround.Scope, _ values: [SealedValues.Found],
        _ viewer: Viewer, _ emergency: Emergency?
    ) async throws(OpeningError) -> SequenceNumber {
        let event = Ledger.openingEvent(
            access, scope, values, viewer, emergency, origin: settings.origin, at: clock.wall())
        let validated: ValidatedEvent
        let bytes = event.canonicalBytes
        do throws(EventRefused) {
            validated = try bytes.span.bytes.withUnsafeBytes { (raw) throws(EventRefused) in
                try intake().read(raw)
            }
        } catch {
            throw .refused(.notRecorded(error.refusals))
        }
        let answer: Answer
        do throws(StoreError) {
            answer = try await submit(Submission([validated], recorder: viewer.recorder))
        } catch {
            throw .unanswered(LedgerError(error))
        }
        switch answer {
        case .accepted(let acceptance): return acceptance.places[0].sequence
        case .refused(let events):
            throw .refused(.notRecorded(events.flatMap(\.refusals)))
        case .busy: throw .unanswered(LedgerError(en: "busy; try again", zh: "繁忙，请重试"))
        }
    }

    private static func openingEvent(
        _ access: StreamName, _ scope: OpeningGround.Scope, _ values: [SealedValues.Found],
        _ viewer: Viewer, _ emergency: Emergency?, origin: String, at now: Timestamp
    ) -> JSONValue {
        var seen: [SequenceNumber] = []
        for value in values where !seen.contains(value.sequence) { seen.append(value.sequence) }
        let person = JSONValue.string(viewer.person)
        let unit = JSONValue.string(viewer.unit)
        var data: [JSONMember] = [
            JSONMember("fieldNames", .array(scope.fields.map { .string($0) })),
            JSONMember("openedAt", .string(now.text)),
            JSONMember("operator", ["person": person, "unit": unit]),
            JSONMember(
                "participants",
                [["evidence": "asserted", "person": person, "role": "viewer", "unit": unit]]),
            JSONMember("records", .array(seen.map { .integer(Int64($0.rawValue)) })),
            JSONMember("relatedCase", .string(scope.stream)),
        ]
        if let emergency {
            data.append(JSONMember("reason", .string(emergency.reason)))
        } else {
            data.append(JSONMember("fieldsOpened", scope.words))
        }
        return [
            "data": .object(data),
            "id": .string("opening-" + Hex.encode(RandomBytes.make(count: 16))),
            "source": .string(origin), "specversion": "1.0", "subject": .string(access.text),
            "time": .string(now.text),
            "type": .string(
                emergency == nil ? OpeningGround.opened : OpeningGround.openedInEmergency),
        ]
    }
}

/// Why an opening came to nothing.
package enum OpeningError: Error, Sendable {
    case refused(OpeningRefused)
    /// It could not be answered.
    case unanswered(LedgerError)
}
