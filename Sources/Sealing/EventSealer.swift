package import CanonicalJSON
package import Digests

/// A member of an event's data that is to be sealed: who may open it, and whom it is about.
package struct SealedMember: Hashable, Sendable {
    package let name: String
    package let need: KeyNeed

    package init(_ name: String, for group: HolderGroup, about subject: String) {
        (self.name, need) = (name, KeyNeed(group: group, subject: subject))
    }
}

/// What one data key of a record is for.
package struct KeyNeed: Hashable, Sendable {
    package let group: HolderGroup
    package let subject: String
}

/// Puts boxes in the place of values, and values in the place of boxes.
package struct EventSealer: Sendable {
    private let origin: String
    private let algorithm: BoxAlgorithm

    package init(origin: String, _ algorithm: BoxAlgorithm = .aes256GCM) {
        (self.origin, self.algorithm) = (origin, algorithm)
    }

    /// Which event it is, and where its data stand in it.
    package struct Place: Hashable, Sendable {
        package let source: String
        package let id: String
        /// `/data`, or `/data/corrected` of a correction.
        package let pointer: String

        package init(source: String, id: String, pointer: String = "/data") {
            (self.source, self.id, self.pointer) = (source, id, pointer)
        }
    }

    /// The keys that `data` needs, each once, in the order of `members`.
    package static func needs(of data: JSONValue, _ members: [SealedMember]) -> [KeyNeed] {
        var seen: Set<KeyNeed> = []
        return members.filter { data[$0.name] != nil }.map(\.need)
            .filter { seen.insert($0).inserted }
    }

    /// `data` with a box in the place of each of `members` that it has.
    ///
    /// There is a key for each of its needs, which has sealed nothing else.
    package func seal(
        _ data: JSONValue, at place: Place, _ members: [SealedMember], _ keys: [KeyNeed: DataKey]
    ) throws(SealingError) -> JSONValue {
        var sealed = data.members ?? []
        for member in members {
            guard let index = sealed.firstIndex(where: { $0.name == member.name }) else {
                continue
            }
            guard let key = keys[member.need] else {
                preconditionFailure("a value without a key is never recorded")
            }
            let value = sealed[index].value.canonicalBytes
            let boxPlace = boxPlace(place, member.name)
            let box = try value.span.bytes.withUnsafeBytes {
                (raw) throws(SealingError) -> SealedBox in
                try SealedBox(sealing: raw, with: key, at: boxPlace, algorithm)
            }
            sealed[index].value = box.json
        }
        return .object(sealed)
    }

    /// The value in the member `name`, in canonical form.
    package func open(
        _ name: String, of data: JSONValue, at place: Place, with key: DataKey
    ) throws(SealingError) -> SecretBytes {
        guard let json = data[name] else { throw .noBox }
        return try SealedBox(json).open(with: key, at: boxPlace(place, name))
    }

    /// Names of fields are letters and digits, which a JSON pointer has as they are.
    private func boxPlace(_ place: Place, _ name: String) -> BoxPlace {
        BoxPlace(
            origin: origin, source: place.source, id: place.id,
            pointer: "\(place.pointer)/\(name)")
    }
}
