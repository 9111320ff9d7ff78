package import Digests
import DurableFiles
import Phrases

/// A holder's key pair in files of his own: where the holder is, not where the ledger is.
package enum HolderKeyFile {
    /// Makes a key at `path`, encrypted under the passphrase, and `path.pub`, for the ledger.
    package static func make(
        _ path: String, _ passphrase: SecretBytes
    ) throws(LedgerError) -> X25519PublicKey {
        for path in [path, path + ".pub"] where DurableFile.exists(path) {
            throw LedgerError(en: "there is a file \(path)", zh: "已有文件 \(path)")
        }
        let key = X25519PrivateKey.generate()
        do throws(FileError) {
            try DurableFile.write(key.encryptedPEM(passphrase), to: path, mode: 0o600)
            try DurableFile.write(key.publicKey.pem, to: path + ".pub")
        } catch {
            throw LedgerError([error.phrase])
        }
        return key.publicKey
    }

    /// The private key in a file, decrypted with the passphrase that the environment names.
    package static func privateKey(_ path: String) throws(LedgerError) -> X25519PrivateKey {
        guard let pem = try SecretFile.read(path, limit: 1 << 16) else {
            throw LedgerError(en: "there is no file \(path)", zh: "没有文件 \(path)")
        }
        let passphrase = try Passphrase.named()
        do throws(KeyFileError) {
            return try X25519PrivateKey(pem: pem, passphrase: passphrase)
        } catch {
            switch error {
            case .unreadable:
                throw LedgerError(
                    en: "\(path) is no private X25519 key", zh: "\(path) 不是 X25519 私钥")
            case .passphraseNeeded:
                throw LedgerError(
                    en: "\(path) is encrypted: name the file of its passphrase with "
                        + "--passphrase-file",
                    zh: "\(path) 已加密：请用 --passphrase-file 指定口令文件")
            case .wrongPassphrase:
                throw LedgerError(
                    en: "\(path) is encrypted under another passphrase", zh: "\(path) 的口令不符")
            }
        }
    }

    /// The public key in a file: PEM, DER or its 32 bytes.
    package static func publicKey(_ path: String) throws(LedgerError) -> X25519PublicKey {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.contents(path, limit: 1 << 16)
        } catch {
            throw LedgerError([error.phrase])
        }
        guard let key = bytes.flatMap({ X25519PublicKey(file: $0) }) else {
            throw LedgerError(
                en: "\(path) is no public X25519 key", zh: "\(path) 不是 X25519 公钥")
        }
        return key
    }
}
