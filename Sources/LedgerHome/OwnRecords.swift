import CanonicalJSON
package import Checkpoints
import Digests
import DurableFiles
import Foundation
import LedgerStore
package import Merkle
import Phrases
import Records

/// What the ledger's own records say: keys, catalogue in force, restores.
struct OwnRecords {
    /// All that were announced, the one in force last.
    private(set) var keys: [VerifierKey] = []
    private(set) var restores: [Restore] = []
    /// The key in force.
    let key: VerifierKey
    let catalogue: Digest
    /// Every catalogue adopted, from which record on, the one in force last.
    private(set) var adoptions: [(from: UInt64, digest: Digest)] = []

    /// Reads the stream `ledger/self`.
    static func read(_ store: any EventStore) async throws(LedgerError) -> OwnRecords {
        var all: [(SequenceNumber, JSONValue)] = []
        do throws(StoreError) {
            let numbers = try await store.sequence(
                of: .ledgerSelf, from: Revision(0), limit: 1_000_000)
            for number in numbers {
                guard let line = try await store.lines(from: number, limit: 1).first,
                    let event = try? JSONValue(parsing: line)["event"]
                else { continue }
                all.append((number, event))
            }
        } catch {
            throw LedgerError(error)
        }
        return try OwnRecords(all)
    }

    private init(_ records: [(SequenceNumber, JSONValue)]) throws(LedgerError) {
        var catalogue: Digest?
        for (number, event) in records {
            guard let data = event["data"] else { continue }
            if let digest = data["catalogue"]?.string.flatMap({ Digest(hex: $0) }) {
                if catalogue != digest { adoptions.append((number.rawValue, digest)) }
                catalogue = digest
            }
            guard let text = data["keys"]?.array?.first?.string,
                let key = try? VerifierKey(text)
            else { continue }
            keys.append(key)
            if event["type"]?.string == "ledger.restored" {
                restores.append(Restore(sequence: number, key: key, data))
            }
        }
        guard let key = keys.last, let catalogue else {
            throw LedgerError(
                en: "the ledger's first records cannot be read; run hanqing verify",
                zh: "账本的首批记录无法读取；请运行 hanqing verify")
        }
        (self.key, self.catalogue) = (key, catalogue)
    }
}

/// A `ledger.restored` record: from here on history may differ from what was signed before.
package struct Restore: Hashable, Sendable {
    package let sequence: SequenceNumber
    /// The key that signs from here on.
    package let key: VerifierKey
    /// The last record that is known to be lost; nil if none is.
    package let lostThrough: UInt64?

    init(sequence: SequenceNumber, key: VerifierKey, _ data: JSONValue) {
        (self.sequence, self.key) = (sequence, key)
        lostThrough = data["lost"]?["through"]?.integer.flatMap { UInt64(exactly: $0) }
    }
}

/// The ledger's private key: `keys/ledger.key`, mode 0600.
enum LedgerKey {
    static func load(_ folder: String, expecting key: VerifierKey) throws(LedgerError) -> SignerKey
    {
        if let waiting = try? KeyChange.waitingKey(folder), waiting.verifierKey == key {
            throw LedgerError(
                en: "a change of the ledger's key was interrupted: run hanqing key rotate (or "
                    + "restore finish) again, and it goes on",
                zh: "更换账本密钥的操作曾中断：请重新运行 hanqing key rotate（或 restore finish）以继续")
        }
        return try read(folder + "/keys/ledger.key", expecting: key)
    }

    static func missing(_ folder: String) -> Phrase {
        Phrase(
            en: "cannot read the ledger's key \(folder)/keys/ledger.key; only its owner may append",
            zh: "无法读取账本密钥 \(folder)/keys/ledger.key；只有其所有者可以追加")
    }

    static func read(_ path: String, expecting key: VerifierKey) throws(LedgerError) -> SignerKey {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw LedgerError(
                en: "cannot read the ledger's key \(path); only its owner may append",
                zh: "无法读取账本密钥 \(path)；只有其所有者可以追加")
        }
        guard let signer = try? SignerKey(secretText: text.trimmingCharacters(in: .newlines)),
            signer.verifierKey == key
        else {
            throw LedgerError(
                en: "\(path) is not the ledger's key, which is \(key)",
                zh: "\(path) 不是账本的密钥 \(key)")
        }
        return signer
    }

    static func save(
        _ key: SignerKey, _ folder: String, as name: String = "ledger.key"
    ) throws(FileError) {
        try DurableFile.makeFolders(folder + "/keys", mode: 0o700)
        try DurableFile.write(
            Array((key.secretText + "\n").utf8), to: "\(folder)/keys/\(name)", mode: 0o600)
    }
}
