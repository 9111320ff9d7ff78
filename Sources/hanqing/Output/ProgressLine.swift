import Foundation
import Glibc
import Phrases
import Synchronization

/// Tells people on standard error how far one long work has come; any thread may report.
///
/// On a terminal it is one line that changes. Elsewhere, in a service's log for instance, it is a
/// sentence every ten seconds. Work that is soon done says nothing.
final class ProgressLine: Sendable {
    private struct State {
        var meter: ProgressMeter
        var lastSaid: Double
    }

    private let state: Mutex<State>
    private let language: Language
    private let board: ProgressBoard
    private let start = ContinuousClock.now

    private static let firstOnTerminal = 0.5
    private static let pauseOnTerminal = 0.2
    private static let pauseElsewhere = 10.0

    init(_ work: Phrase, _ unit: ProgressMeter.Unit, _ language: Language, _ board: ProgressBoard) {
        (self.language, self.board) = (language, board)
        let first = ProgressLine.firstOnTerminal - ProgressLine.pauseOnTerminal
        state = Mutex(
            State(
                meter: ProgressMeter(work, unit: unit), lastSaid: board.isTerminal ? first : 0))
    }

    /// So much is done; `share` of the whole, where `done` and `total` do not tell it.
    func tell(done: UInt64, total: UInt64?, share: Double? = nil) {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let pause =
            board.isTerminal ? ProgressLine.pauseOnTerminal : ProgressLine.pauseElsewhere
        state.withLock { state in
            let words = state.meter.words(done: done, total: total, share: share, at: elapsed)
            guard elapsed - state.lastSaid >= pause else { return }
            state.lastSaid = elapsed
            board.show(words[language])
        }
    }
}

/// Standard error while long work goes on: whether a line stands there that must give way.
final class ProgressBoard: Sendable {
    /// Whether a line can be written over.
    let isTerminal: Bool
    private let isShown = Mutex(false)

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    func show(_ text: String) {
        isShown.withLock { isShown in
            let line = isTerminal ? "\r\u{1B}[K\(text)" : "hanqing: \(text)\n"
            FileHandle.standardError.write(Data(line.utf8))
            isShown = isTerminal
        }
    }

    /// Takes the line away before something else is printed.
    func clear() {
        isShown.withLock { isShown in
            guard isShown else { return }
            FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
            isShown = false
        }
    }
}
