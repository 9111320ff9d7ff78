package import Digests
import Foundation
import Glibc

/// Files that hold secrets: read at once into memory that is overwritten afterwards.
package enum SecretFile {
    /// The file's bytes, at most `limit`; nil if there is none.
    package static func read(_ path: String, limit: Int) throws(LedgerError) -> SecretBytes? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw refusal(path, String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        return try SecretBytes(capacity: limit) { target throws(LedgerError) in
            var done = 0
            while done < target.count {
                let got = pread(
                    descriptor, target.baseAddress.map { $0 + done }, target.count - done,
                    off_t(done))
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw refusal(path, String(cString: strerror(errno))) }
                if got == 0 { break }
                done += got
            }
            return done
        }
    }

    private static func refusal(_ path: String, _ reason: String) -> LedgerError {
        LedgerError(en: "cannot read \(path): \(reason)", zh: "无法读取 \(path)：\(reason)")
    }
}

/// The passphrase under which a ledger's private keys are encrypted: Specs/keys.md section 5.
///
/// It comes from a file, never from a command line, which others can see.
package enum Passphrase {
    package static let variable = "HANQING_PASSPHRASE_FILE"
    package static let credential = "hanqing-passphrase"
    package static let byteCountMax = 1024

    /// The file that the environment names: the variable, or systemd's credential; nil if neither.
    package static func file(_ environment: [String: String]) -> String? {
        if let path = environment[variable], !path.isEmpty { return path }
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else { return nil }
        let path = "\(folder)/\(credential)"
        return access(path, F_OK) == 0 ? path : nil
    }

    /// The passphrase in the file that the environment names; nil if it names none.
    package static func named(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(LedgerError) -> SecretBytes? {
        guard let file = file(environment) else { return nil }
        return try read(file)
    }

    /// The file's first line, without its LF.
    package static func read(_ path: String) throws(LedgerError) -> SecretBytes {
        guard let bytes = try SecretFile.read(path, limit: byteCountMax + 1) else {
            throw LedgerError(
                en: "there is no passphrase file \(path)", zh: "没有口令文件 \(path)")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o007 == 0 else {
            throw LedgerError(
                en: "everybody may read the passphrase in \(path): chmod 600 it",
                zh: "任何人都可读取口令文件 \(path)：请 chmod 600")
        }
        let line = bytes.prefix(before: 0x0A)
        guard 1...byteCountMax ~= line.count else {
            throw LedgerError(
                en: "the passphrase, the first line of \(path), has 1 to \(byteCountMax) bytes",
                zh: "口令为 \(path) 的首行，长度须为 1 至 \(byteCountMax) 字节")
        }
        return line
    }
}
