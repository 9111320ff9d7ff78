import CanonicalJSON
import Catalogue
import Phrases
import Records
import Sealing

extension SealedMember {
    /// The values of `data` that must be sealed; whom they are about is the stream.
    static func all(
        in data: JSONView, of type: EventType, about stream: String
    ) -> [SealedMember] {
        type.encryptedFields.compactMap { field in
            guard data.member(field.name) != nil,
                let group = HolderGroup(type.holders(of: field.readingClass, in: data))
            else { return nil }
            return SealedMember(field.name, for: group, about: stream)
        }
    }
}

/// An event with values in clear, taken apart.
struct ClearEvent {
    let event: ValidatedEvent
    let name: Retries.EventName
    /// The whole of it.
    private let json: JSONValue
    /// What has the values: the event's data, or the corrected data of a correction.
    let data: JSONValue
    let members: [SealedMember]
    let place: EventSealer.Place
    private let isCorrection: Bool

    /// Nil if the event holds no such values.
    init?(_ event: ValidatedEvent) {
        guard !event.secrets.isEmpty else { return nil }
        self.init(event, event.secrets, isCorrection: false)
    }

    /// A correction of a record of type `type`; nil if it states no such values.
    init?(correcting event: ValidatedEvent, _ type: EventType) {
        let stream = event.event.text(event.event.subject)
        let members = event.withCorrected {
            SealedMember.all(in: $0, of: type, about: stream)
        }
        guard let members, !members.isEmpty else { return nil }
        self.init(event, members, isCorrection: true)
    }

    private init?(_ event: ValidatedEvent, _ members: [SealedMember], isCorrection: Bool) {
        let cloud = event.event
        guard let json = try? JSONValue(parsing: cloud.bytes), let outer = json["data"],
            let data = isCorrection ? outer["corrected"] : outer
        else { return nil }
        (self.event, self.json, self.data) = (event, json, data)
        (self.members, self.isCorrection) = (members, isCorrection)
        let (source, id) = (cloud.string(cloud.source), cloud.string(cloud.id))
        name = Retries.EventName(source: source, id: id)
        place = EventSealer.Place(
            source: source, id: id, pointer: isCorrection ? "/data/corrected" : "/data")
    }

    /// Where the first value is that is too long to seal.
    var pointerOfTooLong: String {
        let long = members.first { member in
            Padding.sizeClass(of: (data[member.name] ?? .null).canonicalBytes.count) == nil
        }
        return long.map { "\(place.pointer)/\($0.name)" } ?? place.pointer
    }

    /// The event with `data` in place of its own.
    func sealed(_ data: JSONValue) -> ValidatedEvent? {
        let outer =
            isCorrection
            ? (json["data"] ?? .null).replacing("corrected", by: data) : data
        var whole = json.replacing("data", by: outer)
        // It is not recorded, so it is not in the canonical bytes.
        if let revision = event.event.expectedRevision, let members = whole.members {
            whole = .object(members + [JSONMember("expectedrevision", .integer(revision))])
        }
        let read = whole.canonicalBytes.withUnsafeBytes { raw in
            try? JSONReader().read(raw) { view in try? CloudEvent(view) }
        }
        return (read ?? nil).map { event.sealed($0) }
    }

    /// What the record of another event of this name holds where this one has its data; nil if they
    /// differ elsewhere.
    func counterpart(in recorded: JSONValue) -> JSONValue? {
        guard let outer = recorded["data"] else { return nil }
        let inner = isCorrection ? outer["corrected"] : outer
        guard let inner, frame(json) == frame(recorded) else { return nil }
        return inner
    }

    /// The event without the data that hold values, and as if its media type were not stated.
    private func frame(_ whole: JSONValue) -> [UInt8] {
        let outer =
            isCorrection
            ? (whole["data"] ?? .null).replacing("corrected", by: .null) : .null
        let members = (whole.replacing("data", by: outer).members ?? [])
            .filter { $0.name != "datacontenttype" }
        return JSONValue.object(members).canonicalBytes
    }
}

extension ValidatedEvent {
    /// Gives the corrected data to `body`; nil if there are none.
    func withCorrected<Result>(_ body: (JSONView) -> Result) -> Result? {
        event.bytes.withUnsafeBytes { raw in
            let result = try? JSONReader().read(raw) { root in
                root["data"]?["corrected"].map(body)
            }
            return result ?? nil
        }
    }
}

extension JSONValue {
    /// The object with `value` as its member `name`, which it has.
    fileprivate func replacing(_ name: String, by value: JSONValue) -> JSONValue {
        guard var members, let place = members.firstIndex(where: { $0.name == name }) else {
            return self
        }
        members[place].value = value
        return .object(members)
    }
}
