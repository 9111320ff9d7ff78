import Checkpoints
import Digests
import DurableFiles
import Foundation
import Glibc
import Phrases

/// The ledger's private keys, or the program that holds them: Specs/keys.md.
struct KeyRing {
    let folder: String
    let name: KeyName
    private let command: LedgerSettings.Signer?
    private let passphrase: SecretBytes?

    static let file = "ledger.key"
    static let newFile = "ledger.key.new"
    static let sm2File = "sm2.key"
    private static let byteCountMax = 8192

    init(
        _ folder: String, _ settings: LedgerSettings,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(LedgerError) {
        guard let name = KeyName(settings.origin) else {
            throw LedgerError(
                en: "\(folder)/ledger.yaml names no valid origin",
                zh: "\(folder)/ledger.yaml 中 origin 无效")
        }
        (self.folder, self.name, command) = (folder, name, settings.signer)
        passphrase = try Passphrase.named(environment)
    }

    /// The same keys under another passphrase.
    init(_ other: KeyRing, passphrase: SecretBytes?) {
        (folder, name, command) = (other.folder, other.name, other.command)
        self.passphrase = passphrase
    }

    /// Whether a program may hold keys.
    var hasCommand: Bool { command != nil }

    private func path(_ file: String) -> String { "\(folder)/keys/\(file)" }

    private static func retiredFile(_ key: VerifierKey) -> String { "retired/\(key.id).key" }

    // MARK: Reading

    /// Who signs as the key in force.
    func signer(for key: VerifierKey) throws(LedgerError) -> any NoteSigner {
        if let waiting = try? waiting(), waiting.verifierKey == key {
            throw KeyRing.interrupted
        }
        if let command { return try held(key) ?? ExternalSigner(command, key) }
        return try read(path(KeyRing.file), expecting: key)
    }

    static let interrupted = LedgerError(
        en: "a change of the ledger's key was interrupted: run hanqing key rotate (or restore "
            + "finish) again, and it goes on",
        zh: "更换账本密钥的操作曾中断：请重新运行 hanqing key rotate（或 restore finish）以继续")

    /// Who signs as a key that was given up, if it is still at hand.
    func retired(_ key: VerifierKey) throws(LedgerError) -> (any NoteSigner)? {
        let file = try self.key(in: path(KeyRing.retiredFile(key)))
        if let file, file.verifierKey == key { return file }
        return try held(key) ?? command.map { ExternalSigner($0, key) }
    }

    /// The key in `keys/ledger.key`, if it is this one.
    private func held(_ key: VerifierKey) throws(LedgerError) -> SignerKey? {
        try self.key(in: path(KeyRing.file)).flatMap { $0.verifierKey == key ? $0 : nil }
    }

    /// Who signs as this key, if anybody here can.
    func anybody(for key: VerifierKey) throws(LedgerError) -> (any NoteSigner)? {
        try held(key) ?? command.map { ExternalSigner($0, key) }
    }

    /// A key that waits to be announced or to take its place.
    func waiting() throws(LedgerError) -> SignerKey? { try key(in: path(KeyRing.newFile)) }

    /// The private key in a file; nil if there is none, or if what is there is no key of this name.
    private func key(in path: String) throws(LedgerError) -> SignerKey? {
        guard let bytes = try SecretFile.read(path, limit: KeyRing.byteCountMax) else { return nil }
        do throws(KeyFileError) {
            return try SignerKey(file: bytes, name: name, passphrase: passphrase)
        } catch {
            switch error {
            case .unreadable: return nil
            case .passphraseNeeded, .wrongPassphrase: throw KeyRing.refusal(error, path)
            }
        }
    }

    private static func refusal(_ error: KeyFileError, _ path: String) -> LedgerError {
        switch error {
        case .passphraseNeeded:
            LedgerError(
                en: "\(path) is encrypted: name the file of its passphrase with "
                    + "--passphrase-file or \(Passphrase.variable)",
                zh: "\(path) 已加密：请用 --passphrase-file 或环境变量 \(Passphrase.variable) 指定口令文件")
        case .wrongPassphrase:
            LedgerError(
                en: "\(path) is not encrypted under this passphrase, or is damaged",
                zh: "\(path) 不是用此口令加密的，或已损坏")
        case .unreadable:
            LedgerError(en: "\(path) is no private key", zh: "\(path) 不是私钥")
        }
    }

    /// The key in the file at `path`, which must be this one.
    func read(_ path: String, expecting key: VerifierKey) throws(LedgerError) -> SignerKey {
        guard access(path, R_OK) == 0 else { throw LedgerError([KeyRing.missing(path)]) }
        guard let signer = try self.key(in: path), signer.verifierKey == key else {
            throw LedgerError(
                en: "\(path) is not the ledger's key, which is \(key)",
                zh: "\(path) 不是账本的密钥 \(key)")
        }
        return signer
    }

    /// What is said where nobody can sign as the key in force.
    var missing: Phrase { KeyRing.missing(path(KeyRing.file)) }

    private static func missing(_ path: String) -> Phrase {
        Phrase(
            en: "cannot read the ledger's key \(path); only its owner may append. If it is lost: "
                + "hanqing key replace --cause lost",
            zh: "无法读取账本密钥 \(path)；只有其所有者可以追加。如已丢失：hanqing key replace --cause lost")
    }

    // MARK: Writing

    /// Keeps a key, encrypted if there is a passphrase.
    func save(_ key: SignerKey, as file: String = KeyRing.file) throws(FileError) {
        try write(
            passphrase.map { key.privateKey.encryptedPEM($0) }
                ?? Array((key.secretText + "\n").utf8), file)
    }

    private func write(_ bytes: [UInt8], _ file: String) throws(FileError) {
        try DurableFile.makeFolders(folder + "/keys", mode: 0o700)
        try DurableFile.write(bytes, to: path(file), mode: 0o600)
    }

    /// A process that was killed may have left the waiting key unsynced.
    func syncWaiting() throws(FileError) {
        try ByteFile(path(KeyRing.newFile), .read).sync()
        try DurableFile.syncFolder(folder + "/keys")
    }

    /// Puts `key` in the place of the one in `keys/ledger.key`, which goes to `keys/retired/`.
    func retire(for key: VerifierKey) throws {
        let old = try? self.key(in: path(KeyRing.file))
        if DurableFile.exists(path(KeyRing.file)), old?.verifierKey != key {
            try DurableFile.makeFolders(path("retired"), mode: 0o700)
            try DurableFile.syncFolder(folder + "/keys")
            // One whose passphrase is lost is kept too: nobody knows whether it is found again.
            let file = old.map { KeyRing.retiredFile($0.verifierKey) } ?? "retired/before-\(key.id)"
            try DurableFile.move(path(KeyRing.file), to: path(file))
        }
        guard DurableFile.exists(path(KeyRing.newFile)) else { return }
        try DurableFile.move(path(KeyRing.newFile), to: path(KeyRing.file))
    }

    /// Writes the files in `keys/` anew under another passphrase; a crash leaves each as it was or
    /// as it will be, and the same call goes on.
    func encrypt(under new: SecretBytes) throws -> [String] {
        let target = KeyRing(self, passphrase: new)
        var done: [String] = []
        let retired = try DurableFile.names(in: path("retired")).map { "retired/" + $0 }
        for file in [KeyRing.file, KeyRing.newFile] + retired
        where file.hasSuffix(".key")
            || file == KeyRing.newFile
        {
            guard DurableFile.exists(path(file)) else { continue }
            guard let key = (try? self.key(in: path(file))) ?? (try? target.key(in: path(file)))
            else {
                // Said as what it is: encrypted under neither, or no key.
                _ = try self.key(in: path(file))
                throw KeyRing.refusal(.unreadable, path(file))
            }
            try DurableFile.replace(
                path(file), with: key.privateKey.encryptedPEM(new), mode: 0o600)
            done.append("keys/" + file)
        }
        if let key = try sm2Key(or: target) {
            try DurableFile.replace(
                path(KeyRing.sm2File), with: key.privateKey.encryptedPEM(new), mode: 0o600)
            done.append("keys/" + KeyRing.sm2File)
        }
        return done
    }
}

// MARK: - SM2

extension KeyRing {
    /// The SM2 key in `keys/sm2.key`; nil if there is none.
    func sm2Key() throws(LedgerError) -> SM2SignerKey? {
        let path = path(KeyRing.sm2File)
        guard let bytes = try SecretFile.read(path, limit: KeyRing.byteCountMax) else { return nil }
        do throws(KeyFileError) {
            let key = try SM2PrivateKey(pem: bytes, passphrase: passphrase)
            return SM2SignerKey(name: name, privateKey: key)
        } catch {
            throw KeyRing.refusal(error, path)
        }
    }

    private func sm2Key(or other: KeyRing) throws(LedgerError) -> SM2SignerKey? {
        if let key = try? sm2Key() { return key }
        return try other.sm2Key()
    }

    /// Keeps an SM2 key, encrypted if there is a passphrase.
    func save(_ key: SM2SignerKey) throws(FileError) {
        let pem =
            passphrase.map { key.privateKey.encryptedPEM($0) }
            ?? key.privateKey.plainPEM.withBytes { Array($0) }
        try write(pem, KeyRing.sm2File)
    }
}
