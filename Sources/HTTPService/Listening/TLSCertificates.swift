import Digests
import DurableFiles
import Glibc
package import LedgerHome
package import Logging
import NIOSSL
import Phrases
import Synchronization

/// The certificate that new connections get; it can be put in another's place while serving.
package final class TLSCertificates: Sendable {
    private let files: TLSFiles
    private let state: Mutex<State>

    private struct State {
        var contents: TLSFiles.Contents
        var stamps: [DurableFile.Stamp?]
    }

    private static let warnsBefore = 14 * 86_400

    /// Throws the reason why these files cannot be served with.
    package init(_ files: TLSFiles) throws(LedgerError) {
        self.files = files
        // Stamps first: what changes while it is read is then read again.
        let stamps = TLSCertificates.stamps(files)
        let contents = try files.contents(at: time(nil))
        state = Mutex(State(contents: contents, stamps: stamps))
    }

    var context: NIOSSLContext { state.withLock(\.contents.context) }

    /// Reads the files again; connections that are there keep what they began with.
    ///
    /// What is unsound changes nothing, and the log says why. True if the new is in use.
    @discardableResult package func reload(_ logger: Logger) -> Bool {
        let stamps = TLSCertificates.stamps(files)
        do throws(LedgerError) {
            let contents = try files.contents(at: time(nil))
            state.withLock { $0 = State(contents: contents, stamps: stamps) }
            logger.notice("certificate in use", metadata: metadata(contents))
            warn(contents, logger)
            return true
        } catch {
            state.withLock { $0.stamps = stamps }
            logger.error(
                "the new certificate is unsound; the old one stays in use",
                metadata: ["reason": "\(error.phrases.map(\.en).joined(separator: "; "))"])
            return false
        }
    }

    /// ``reload(_:)`` if one of the files is another one than when they were last read.
    package func reloadIfChanged(_ logger: Logger) {
        let stamps = TLSCertificates.stamps(files)
        if state.withLock({ $0.stamps != stamps }) { reload(logger) }
    }

    func tell(_ logger: Logger) {
        let contents = state.withLock(\.contents)
        logger.notice("certificate in use", metadata: metadata(contents))
        warn(contents, logger)
    }

    private func warn(_ contents: TLSFiles.Contents, _ logger: Logger) {
        guard contents.goodUntil - time(nil) < TLSCertificates.warnsBefore else { return }
        logger.warning("the certificate expires soon", metadata: metadata(contents))
    }

    private func metadata(_ contents: TLSFiles.Contents) -> Logger.Metadata {
        [
            "subject": "\(contents.subject)", "sha256": "\(contents.fingerprint.hex)",
            "daysLeft": "\((contents.goodUntil - time(nil)) / 86_400)",
        ]
    }

    private static func stamps(_ files: TLSFiles) -> [DurableFile.Stamp?] {
        files.paths.map { DurableFile.Stamp($0) }
    }
}
