import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import LedgerStore
import Records

/// What the ledger's own records say: the key and the catalogue in force.
struct OwnRecords {
    var key: VerifierKey
    var catalogue: Digest

    /// Reads the stream `ledger/self`.
    static func read(_ store: any EventStore) async throws(LedgerError) -> OwnRecords {
        var key: VerifierKey?
        var catalogue: Digest?
        do throws(StoreError) {
            let numbers = try await store.sequence(
                of: .ledgerSelf, from: Revision(0), limit: 1_000_000)
            for number in numbers {
                guard let line = try await store.lines(from: number, limit: 1).first,
                    let event = try? JSONValue(parsing: line)["event"], let data = event["data"]
                else { continue }
                if let text = data["keys"]?.array?.first?.string {
                    key = try? VerifierKey(text)
                }
                if let hex = data["catalogue"]?.string { catalogue = Digest(hex: hex) }
            }
        } catch {
            throw LedgerError(error)
        }
        guard let key, let catalogue else {
            throw LedgerError(
                en: "the ledger's first records cannot be read; run hanqing verify",
                zh: "账本的首批记录无法读取；请运行 hanqing verify")
        }
        return OwnRecords(key: key, catalogue: catalogue)
    }
}

/// The ledger's private key: `keys/ledger.key`, mode 0600.
enum LedgerKey {
    static func load(_ folder: String, expecting key: VerifierKey) throws(LedgerError) -> SignerKey
    {
        let path = folder + "/keys/ledger.key"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw LedgerError(
                en: "cannot read the ledger's key \(path); only its owner may append",
                zh: "无法读取账本密钥 \(path)；只有其所有者可以追加")
        }
        guard let signer = try? SignerKey(secretText: text.trimmingCharacters(in: .newlines)),
            signer.verifierKey == key
        else {
            throw LedgerError(
                en: "\(path) is not the key that the ledger's first record names",
                zh: "\(path) 不是账本首条记录所载的密钥")
        }
        return signer
    }

    static func save(_ key: SignerKey, _ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/keys", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try DurableFile.write(
            Array((key.secretText + "\n").utf8), to: folder + "/keys/ledger.key", mode: 0o600)
    }
}
