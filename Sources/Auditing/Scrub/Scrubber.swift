package import Checkpoints
import Phrases
package import Records

/// Reads again, slowly, everything that was acknowledged: Specs/scrub.md.
///
/// It reads through the auditor's ports, so it shares no code with the writer, and it takes turns
/// with nobody: a ledger may grow while it is scrubbed. Holding back is the ports' matter.
package struct Scrubber: Sendable {
    package let sources: Sources
    package let options: Options

    package struct Sources: Sendable {
        package var records: any RecordReader
        package var index: any IndexReader
        package var kept: any KeptFiles
        /// Nil if the place is not to be kept.
        package var state: (any ScrubStateFile)?

        package init(
            records: any RecordReader, index: any IndexReader, kept: any KeptFiles,
            state: (any ScrubStateFile)?
        ) {
            (self.records, self.index, self.kept, self.state) = (records, index, kept, state)
        }
    }

    package struct Options: Sendable {
        /// The ledger's key, if it is known from elsewhere than record 0.
        package var key: VerifierKey?
        /// What is read and judged at a time.
        package var sliceByteCount = 1 << 20
        package var findingsMax = 1000
        /// How much reading a kill may lose.
        package var savesEvery = Duration.seconds(5)

        package init() {}
    }

    /// What a pass asks of the world around it.
    package struct Surroundings: Sendable {
        package var now: @Sendable () -> Timestamp
        /// Time since any beginning; it never goes back.
        package var steady: @Sendable () -> Duration
        /// What is asked between reads; the slice in which the answer changes does not count.
        package var isStopped: @Sendable () -> Bool

        package init(
            now: @escaping @Sendable () -> Timestamp, steady: @escaping @Sendable () -> Duration,
            isStopped: @escaping @Sendable () -> Bool
        ) {
            (self.now, self.steady, self.isStopped) = (now, steady, isStopped)
        }
    }

    /// What happens while a pass runs.
    package enum Event: Sendable {
        /// It goes on where another one was stopped; else it begins anew.
        case began(isResumed: Bool)
        /// Damage, in the slice in which it was seen.
        case found(Finding)
        case noted(AuditNote)
        case progress(Progress)
    }

    /// How far a pass is.
    package struct Progress: Sendable {
        package var records: UInt64
        /// Of the checkpoint; nil if there is none that is valid.
        package var size: UInt64?
        /// Where this run began, of `records`.
        package var firstRecord: UInt64
    }

    package init(_ sources: Sources, _ options: Options = Options()) {
        (self.sources, self.options) = (sources, options)
    }

    /// Runs one pass: the rest of one that was stopped, or a new one.
    ///
    /// Throws ``SourceError`` if something cannot be read, or a newer version wrote the state.
    package func run(
        _ surroundings: Surroundings, _ tell: @escaping (Event) -> Void = { _ in }
    ) throws(SourceError) -> ScrubReport {
        let run = try ScrubRun(self, surroundings, tell)
        return try run.run()
    }

    /// What the last scrubs wrote down; nil if that is nothing, or cannot be believed.
    package func state() throws(SourceError) -> ScrubState? {
        guard let file = sources.state, let bytes = try file.load() else { return nil }
        switch ScrubState.read(bytes) {
        case .state(let state): return state
        case .damaged: return nil
        case .newer(let format): throw Scrubber.tooNew(format)
        }
    }

    static func tooNew(_ format: Int64) -> SourceError {
        SourceError(
            "scrub/state.json",
            Phrase(
                en: "scrub/state.json has format \(format), this program knows "
                    + "\(ScrubState.format): use the newer version of hanqing that wrote it, or "
                    + "delete the folder scrub",
                zh: "scrub/state.json 的格式为 \(format)，本程序只认识 \(ScrubState.format)："
                    + "请使用写入它的新版 hanqing，或删除 scrub 目录"))
    }
}
