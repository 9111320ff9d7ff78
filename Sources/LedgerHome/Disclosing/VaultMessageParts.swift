package import CanonicalJSON
import Digests
package import Merkle
import Records
package import Sealing

// What orders to a vault and its answers are made of, as one end writes and the other reads them.

extension ApprovedOrder {
    var json: JSONValue {
        [
            "approver": .string(approver), "person": .string(person), "reason": .string(reason),
            "unit": .string(unit),
        ]
    }

    init?(_ json: JSONValue) {
        guard let person = json["person"]?.string, let unit = json["unit"]?.string,
            let approver = json["approver"]?.string, let reason = json["reason"]?.string
        else { return nil }
        self.init(person: person, unit: unit, approver: approver, reason: reason)
    }
}

extension Viewer {
    var json: JSONValue {
        ["person": .string(person), "recorder": .string(recorder), "unit": .string(unit)]
    }

    init?(_ json: JSONValue) {
        guard let person = json["person"]?.string, let unit = json["unit"]?.string,
            let recorder = json["recorder"]?.string
        else { return nil }
        self.init(person: person, unit: unit, recorder: recorder)
    }
}

extension Emergency {
    var json: JSONValue {
        [
            "fields": .array(fields.map { .string($0) }), "reason": .string(reason),
            "stream": .string(stream),
        ]
    }

    init?(_ json: JSONValue) {
        guard let stream = json["stream"]?.string, let reason = json["reason"]?.string,
            let fields = json["fields"]?.array?.compactMap(\.string)
        else { return nil }
        self.init(stream: stream, fields: fields, reason: reason)
    }
}

extension SequenceNumber {
    var json: JSONValue { .integer(Int64(clamping: rawValue)) }

    package init?(_ json: JSONValue?) {
        guard let number = json?.integer, number >= 0 else { return nil }
        self.init(UInt64(number))
    }
}

extension Hold {
    package var json: JSONValue {
        [
            "id": .string(id), "placed": .string(placed), "reason": .string(reason),
            "subject": .string(subject),
        ]
    }

    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let subject = json["subject"]?.string,
            let reason = json["reason"]?.string, let placed = json["placed"]?.string
        else { return nil }
        self.init(id: id, subject: subject, reason: reason, placed: placed)
    }
}

extension Shredding {
    package var json: JSONValue {
        ["keys": .integer(Int64(handleCount)), "seq": sequence.json]
    }

    package init?(_ json: JSONValue) {
        guard let count = json["keys"]?.integer, let sequence = SequenceNumber(json["seq"])
        else { return nil }
        self.init(handleCount: Int(count), sequence: sequence)
    }
}

extension RewrappingOrder {
    package var json: JSONValue { ["seq": sequence.json, "successor": successor.json] }

    package init?(_ json: JSONValue) {
        guard let sequence = SequenceNumber(json["seq"]),
            let holder = json["successor"].flatMap(Holder.init)
        else { return nil }
        self.init(successor: holder, sequence: sequence)
    }
}

extension WrappedKey {
    package var json: JSONValue {
        [
            "ciphertext": .string(Base64URL.encode(sealed.ciphertext)),
            "encapsulated": .string(Base64URL.encode(sealed.encapsulated)),
            "handle": .string(handle.text), "holder": .string(holder.text),
        ]
    }

    package init?(_ json: JSONValue) {
        guard let handle = json["handle"]?.string.flatMap({ KeyHandle(text: $0) }),
            let holder = json["holder"]?.string.flatMap({ HolderID(text: $0) }),
            let encapsulated = json["encapsulated"]?.string.flatMap({ Base64URL.decode($0) }),
            let ciphertext = json["ciphertext"]?.string.flatMap({ Base64URL.decode($0) })
        else { return nil }
        self.init(
            handle: handle, holder: holder, encapsulated: encapsulated, ciphertext: ciphertext)
    }
}

extension RecordedOpening {
    package var json: JSONValue {
        [
            "seq": sequence.json,
            "values": .array(
                found.map { value, state in
                    [
                        "box": value.box.json, "field": .string(value.field),
                        "place": value.place.json, "seq": value.sequence.json,
                        "state": state.json,
                    ]
                }),
        ]
    }

    package init?(_ json: JSONValue) {
        guard let sequence = SequenceNumber(json["seq"]), let list = json["values"]?.array else {
            return nil
        }
        let found = list.compactMap { value -> (value: SealedValues.Found, state: Keyed)? in
            guard let number = SequenceNumber(value["seq"]), let field = value["field"]?.string,
                let box = value["box"].flatMap({ try? SealedBox($0) }),
                let place = value["place"].flatMap(BoxPlace.init),
                let state = value["state"].flatMap(Keyed.init)
            else { return nil }
            return (
                SealedValues.Found(sequence: number, field: field, box: box, place: place), state
            )
        }
        guard found.count == list.count else { return nil }
        (self.sequence, self.found) = (sequence, found)
    }
}

extension RecordedOpening.Keyed {
    fileprivate var json: JSONValue {
        switch self {
        case .wrapped(let key): ["key": key.json]
        case .shredded(let day): ["shredded": .string(day)]
        case .lost: "lost"
        case .notForHolder: "not-for-holder"
        }
    }

    fileprivate init?(_ json: JSONValue) {
        if let key = json["key"].flatMap(WrappedKey.init) {
            self = .wrapped(key)
        } else if let day = json["shredded"]?.string {
            self = .shredded(day)
        } else {
            switch json.string {
            case "lost": self = .lost
            case "not-for-holder": self = .notForHolder
            default: return nil
            }
        }
    }
}

extension BoxPlace {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "origin": .string(origin), "pointer": .string(pointer),
            "source": .string(source),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let origin = json["origin"]?.string, let source = json["source"]?.string,
            let id = json["id"]?.string, let pointer = json["pointer"]?.string
        else { return nil }
        self.init(origin: origin, source: source, id: id, pointer: pointer)
    }
}

extension VaultStatus {
    package var json: JSONValue {
        [
            "assigned": .integer(Int64(counts.assigned)), "cleared": .integer(Int64(unassigned)),
            "completed": .integer(Int64(completed)), "folder": .string(folder),
            "holders": .array(
                holders.map { holder, standing in
                    .object(
                        (holder.json.members ?? []) + [
                            JSONMember("retired", .bool(holder.isRetired)),
                            JSONMember("standing", .string(standing.rawValue)),
                        ])
                }),
            "holds": .integer(Int64(counts.holds)), "leftovers": .integer(Int64(leftovers)),
            "shredded": .integer(Int64(counts.shredded)), "sound": .bool(isSound),
            "staleCopies": .integer(Int64(staleCopies)),
            "stock": .integer(Int64(counts.unassigned)),
            "subjects": .integer(Int64(counts.subjects)),
        ]
    }

    package init?(_ json: JSONValue) {
        func count(_ name: String) -> Int? { (json[name]?.integer).map { Int($0) } }
        guard let folder = json["folder"]?.string, let list = json["holders"]?.array,
            let subjects = count("subjects"), let assigned = count("assigned"),
            let stock = count("stock"), let shredded = count("shredded"),
            let holds = count("holds"), let cleared = count("cleared"),
            let completed = count("completed"), let leftovers = count("leftovers"),
            let staleCopies = count("staleCopies")
        else { return nil }
        let holders = list.compactMap { json -> (holder: Holder, standing: HolderBook.Standing)? in
            guard var holder = Holder(json), let isRetired = json["retired"]?.bool,
                let standing = json["standing"]?.string.flatMap(HolderBook.Standing.init)
            else { return nil }
            holder.isRetired = isRetired
            return (holder, standing)
        }
        guard holders.count == list.count else { return nil }
        var counts = VaultCounts()
        (counts.subjects, counts.assigned, counts.unassigned) = (subjects, assigned, stock)
        (counts.shredded, counts.holds, counts.holders) = (shredded, holds, holders.count)
        self.init(
            folder: folder, counts: counts, unassigned: cleared, completed: completed,
            leftovers: leftovers, holders: holders, staleCopies: staleCopies)
    }
}
