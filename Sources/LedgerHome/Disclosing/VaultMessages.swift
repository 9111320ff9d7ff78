package import CanonicalJSON
package import Digests
import Merkle
import Phrases
package import Records
package import Sealing

/// What a command asks of the service that has its ledger's vault open.
///
/// Over the socket of the ledger's owner: Specs/serving.md section 5. Both ends are this program.
package enum VaultRequest: Sendable {
    case status
    case add(Holder, ApprovedOrder)
    case retire(HolderID, ApprovedOrder)
    case hold(StreamName, ApprovedOrder)
    case release(String, ApprovedOrder)
    case shred(StreamName, ErasureGround, ApprovedOrder)
    case open(StreamName, Viewer, X25519PublicKey, Emergency?)
    case orderRewrapping(from: HolderID, to: HolderID, ApprovedOrder)
    case keysToRewrap(HolderID, limit: Int)
    case replace([WrappedKey], of: HolderID)
    case copy(to: String, ApprovedOrder)

    /// Where the service takes it.
    package static let path = "/v1/vault"

    package var json: JSONValue {
        switch self {
        case .status: ["ask": "status"]
        case .add(let holder, let order):
            ["ask": "add", "holder": holder.json, "order": order.json]
        case .retire(let id, let order):
            ["ask": "retire", "holder": .string(id.text), "order": order.json]
        case .hold(let subject, let order):
            ["ask": "hold", "subject": .string(subject.text), "order": order.json]
        case .release(let id, let order):
            ["ask": "release", "hold": .string(id), "order": order.json]
        case .shred(let subject, let ground, let order):
            [
                "ask": "shred", "subject": .string(subject.text),
                "ground": .string(ground.rawValue), "order": order.json,
            ]
        case .open(let access, let viewer, let key, let emergency):
            [
                "ask": "open", "access": .string(access.text), "viewer": viewer.json,
                "holder": .string(Hex.encode(key.rawBytes)),
                "emergency": emergency?.json ?? .null,
            ]
        case .orderRewrapping(let old, let new, let order):
            [
                "ask": "order-rewrapping", "from": .string(old.text), "to": .string(new.text),
                "order": order.json,
            ]
        case .keysToRewrap(let old, let limit):
            [
                "ask": "keys-to-rewrap", "from": .string(old.text),
                "limit": .integer(Int64(limit)),
            ]
        case .replace(let keys, let old):
            [
                "ask": "replace", "from": .string(old.text),
                "keys": .array(keys.map(\.json)),
            ]
        case .copy(let folder, let order):
            ["ask": "copy", "folder": .string(folder), "order": order.json]
        }
    }

    /// What ``json`` writes, or nil.
    package init?(_ json: JSONValue) {
        let order = json["order"].flatMap(ApprovedOrder.init)
        let subject = json["subject"]?.string.flatMap { StreamName($0) }
        let from = json["from"]?.string.flatMap { HolderID(text: $0) }
        switch json["ask"]?.string {
        case "status": self = .status
        case "add":
            guard let holder = json["holder"].flatMap(Holder.init), let order else { return nil }
            self = .add(holder, order)
        case "retire":
            guard let id = json["holder"]?.string.flatMap({ HolderID(text: $0) }), let order
            else { return nil }
            self = .retire(id, order)
        case "hold":
            guard let subject, let order else { return nil }
            self = .hold(subject, order)
        case "release":
            guard let id = json["hold"]?.string, let order else { return nil }
            self = .release(id, order)
        case "shred":
            guard let subject, let order,
                let ground = json["ground"]?.string.flatMap({ ErasureGround(rawValue: $0) })
            else { return nil }
            self = .shred(subject, ground, order)
        case "open":
            guard let access = json["access"]?.string.flatMap({ StreamName($0) }),
                let viewer = json["viewer"].flatMap(Viewer.init),
                let bytes = json["holder"]?.string.flatMap({ Hex.decode($0) }),
                let key = X25519PublicKey(bytes)
            else { return nil }
            let emergency = json["emergency"].flatMap(Emergency.init)
            guard emergency != nil || json["emergency"] == .null else { return nil }
            self = .open(access, viewer, key, emergency)
        case "order-rewrapping":
            guard let from, let order,
                let to = json["to"]?.string.flatMap({ HolderID(text: $0) })
            else { return nil }
            self = .orderRewrapping(from: from, to: to, order)
        case "keys-to-rewrap":
            guard let from, let limit = json["limit"]?.integer, 1...4_096 ~= limit else {
                return nil
            }
            self = .keysToRewrap(from, limit: Int(limit))
        case "replace":
            guard let from, let list = json["keys"]?.array else { return nil }
            let keys = list.compactMap(WrappedKey.init)
            guard keys.count == list.count else { return nil }
            self = .replace(keys, of: from)
        case "copy":
            guard let folder = json["folder"]?.string, folder.hasPrefix("/"), let order else {
                return nil
            }
            self = .copy(to: folder, order)
        default: return nil
        }
    }

    /// What the desk says to it.
    package func answer(by desk: some VaultDesk) async throws(VaultRefusal) -> JSONValue {
        switch self {
        case .status: try await desk.status().json
        case .add(let holder, let order):
            ["seq": (try await desk.add(holder, order)?.json) ?? .null]
        case .retire(let id, let order):
            ["seq": (try await desk.retire(id, order)?.json) ?? .null]
        case .hold(let subject, let order): try await desk.hold(subject, order).json
        case .release(let id, let order):
            ["seq": try await desk.release(holdWith: id, order).json]
        case .shred(let subject, let ground, let order):
            try await desk.shred(subject, ground, order).json
        case .open(let access, let viewer, let key, let emergency):
            try await desk.recordOpening(
                access, by: viewer, holder: key, emergency: emergency
            ).json
        case .orderRewrapping(let old, let new, let order):
            try await desk.orderRewrapping(from: old, to: new, order).json
        case .keysToRewrap(let old, let limit):
            .array(try await desk.keysToRewrap(of: old, limit: limit).map(\.json))
        case .replace(let keys, let old):
            try await VaultRequest.done(desk.replace(keys, of: old))
        case .copy(let folder, let order):
            ["seq": try await desk.copy(to: folder, order).json]
        }
    }

    private static func done(_: Void) -> JSONValue { .null }
}

extension VaultRefusal {
    package var json: JSONValue {
        switch self {
        case .refused(let phrases): ["refused": .array(phrases.map(\.both))]
        case .unanswered(let error): ["unanswered": .array(error.phrases.map(\.both))]
        }
    }

    package init?(_ json: JSONValue) {
        if let list = json["refused"]?.array {
            self = .refused(list.compactMap(Phrase.init))
        } else if let list = json["unanswered"]?.array {
            self = .unanswered(LedgerError(list.compactMap(Phrase.init)))
        } else {
            return nil
        }
    }
}

extension Phrase {
    fileprivate var both: JSONValue { ["en": .string(en), "zh": .string(zh)] }

    fileprivate init?(_ json: JSONValue) {
        guard let en = json["en"]?.string, let zh = json["zh"]?.string else { return nil }
        self.init(en: en, zh: zh)
    }
}
