package import Digests
import DurableFiles
package import Records
import Synchronization

/// Lets callers in by their tokens, from many threads: Specs/access.md section 10.
///
/// It answers from a snapshot; no lock is held while files are read.
package final class TokenRegister: Sendable {
    private let path: String
    private let load: @Sendable () async throws(AccessError) -> TokenBook
    private let state: Mutex<State>

    private struct State {
        var book: TokenBook
        var stamp: DurableFile.Stamp?
        var buckets: [TokenID: TokenBucket] = [:]
    }

    /// `ledger` is the folder whose tokens' file is watched, `load` what reads it and the records.
    package init(
        ledger: String, load: @escaping @Sendable () async throws(AccessError) -> TokenBook
    ) async throws(AccessError) {
        path = TokenFile.path(in: ledger)
        self.load = load
        // The stamp first: a file that is replaced while it is read looks changed afterwards.
        let stamp = DurableFile.Stamp(path)
        state = Mutex(State(book: try await load(), stamp: stamp))
    }

    package var book: TokenBook { state.withLock { $0.book } }

    /// Reads records and file again; if that throws, the book stays as it was.
    package func reload() async throws(AccessError) {
        let stamp = DurableFile.Stamp(path)
        let book = try await load()
        state.withLock { state in
            (state.book, state.stamp) = (book, stamp)
            let live = Set(book.entries.map(\.grant.id))
            state.buckets = state.buckets.filter { live.contains($0.key) }
        }
    }

    /// The same, if the file is another one than it was; returns whether it is.
    package func reloadIfChanged() async throws(AccessError) -> Bool {
        let stamp = DurableFile.Stamp(path)
        guard state.withLock({ $0.stamp }) != stamp else { return false }
        try await reload()
        return true
    }

    /// Whose token `text` is, or why it lets nobody in at `now`.
    package func caller(
        bearing text: String, at now: Timestamp, apart: Set<String>
    ) throws(AccessRefusal) -> Caller {
        let token = try TokenText(text)
        return try book.caller(token, at: now, apart: apart)
    }

    /// Whose the certificate with this fingerprint is, or why it lets nobody in at `now`.
    package func caller(
        showing certificate: Digest, at now: Timestamp, apart: Set<String>
    ) throws(AccessRefusal) -> Caller {
        try book.caller(showing: certificate, at: now, apart: apart)
    }

    /// Takes one request out of the bucket of the caller's token.
    ///
    /// Somebody without a token has none: the service bounds those by address.
    package func take(_ caller: Caller, at now: Timestamp) -> TokenBucket.Verdict {
        guard let grant = caller.grant else { return .go }
        return state.withLock { state in
            state.buckets[grant.id, default: TokenBucket(grant.rate, at: now)]
                .take(grant.rate, at: now)
        }
    }
}
