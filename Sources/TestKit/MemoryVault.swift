package import Sealing

/// A vault that is gone with the process: the reference of the contract.
package actor MemoryVault: KeyVault {
    private var known: [Holder] = []
    private var keys: [KeyHandle: [WrappedKey]] = [:]
    private var subjects: [KeyHandle: String] = [:]
    private var shredded: [KeyHandle: String] = [:]
    private var holds: [Hold] = []

    package init() {}

    package func holders() -> [Holder] { known }

    package func add(_ holder: Holder) throws(VaultError) {
        guard !known.contains(where: { $0.id == holder.id || $0.name == holder.name }) else {
            throw .holderKnown(holder)
        }
        known.append(holder)
    }

    package func retire(_ holder: HolderID) throws(VaultError) {
        guard let place = known.firstIndex(where: { $0.id == holder }) else {
            throw .unknownHolder(holder)
        }
        known[place].isRetired = true
    }

    package func keep(_ wrapped: [WrappedKey]) throws(VaultError) {
        for key in wrapped {
            guard known.contains(where: { $0.id == key.holder }) else {
                throw .unknownHolder(key.holder)
            }
            guard keys[key.handle] == nil, shredded[key.handle] == nil else {
                throw .handleKnown(key.handle)
            }
        }
        for key in wrapped { keys[key.handle, default: []].append(key) }
    }

    package func assign(_ links: [SubjectLink]) throws(VaultError) {
        var seen: Set<KeyHandle> = []
        for link in links {
            guard keys[link.handle] != nil, subjects[link.handle] == nil,
                seen.insert(link.handle).inserted
            else { throw .notUnassigned(link.handle) }
            try link.check()
        }
        for link in links { subjects[link.handle] = link.subject }
    }

    package func discard(_ handles: [KeyHandle]) throws(VaultError) {
        for handle in handles where keys[handle] == nil || subjects[handle] != nil {
            throw .notUnassigned(handle)
        }
        for handle in handles { keys[handle] = nil }
    }

    package func state(of handle: KeyHandle) -> HandleState {
        if let day = shredded[handle] { return .shredded(day) }
        guard keys[handle] != nil else { return .unknown }
        return subjects[handle] == nil ? .unassigned : .assigned
    }

    package func wrappedKey(of handle: KeyHandle, for holder: HolderID) -> WrappedKey? {
        keys[handle]?.first { $0.holder == holder }
    }

    package func handles(wrappedTo holder: HolderID, limit: Int) -> [KeyHandle] {
        let found = keys.filter { handle, wrapped in
            subjects[handle] != nil && wrapped.contains { $0.holder == holder }
        }
        return Array(found.map(\.key).prefix(limit))
    }

    package func replace(_ wrapped: [WrappedKey], of old: HolderID) throws(VaultError) {
        for key in wrapped {
            guard known.contains(where: { $0.id == key.holder }) else {
                throw .unknownHolder(key.holder)
            }
            guard subjects[key.handle] != nil,
                keys[key.handle]?.contains(where: { $0.holder == old }) == true
            else { throw .notWrapped(key.handle, to: old) }
        }
        for key in wrapped {
            keys[key.handle]?.removeAll { $0.holder == old || $0.holder == key.holder }
            keys[key.handle]?.append(key)
        }
    }

    package func handles(of subject: String) -> [KeyHandle] {
        subjects.filter { $0.value == subject }.map(\.key)
    }

    package func place(_ hold: Hold) throws(VaultError) {
        guard !holds.contains(where: { $0.id == hold.id }) else { throw .holdKnown(hold.id) }
        holds.append(hold)
    }

    package func release(holdWith id: String) throws(VaultError) {
        guard let place = holds.firstIndex(where: { $0.id == id }) else { throw .unknownHold(id) }
        holds.remove(at: place)
    }

    package func holds(on subject: String) -> [Hold] { holds.filter { $0.subject == subject } }

    package func shred(_ subject: String, on day: String) throws(VaultError) -> Int {
        let standing = holds(on: subject)
        guard standing.isEmpty else { throw .held(subject, standing) }
        let handles = handles(of: subject)
        guard !handles.isEmpty else { throw .unknownSubject(subject) }
        for handle in handles {
            (keys[handle], subjects[handle], shredded[handle]) = (nil, nil, day)
        }
        return handles.count
    }

    package func counts() -> VaultCounts {
        var counts = VaultCounts()
        counts.holders = known.count
        counts.subjects = Set(subjects.values).count
        counts.assigned = subjects.count
        counts.unassigned = keys.count - subjects.count
        (counts.shredded, counts.holds) = (shredded.count, holds.count)
        return counts
    }
}
