import Dispatch
import Foundation
import LedgerStore
import Synchronization

/// Reads the log ahead and lets all cores take its lines apart, while the caller links them.
///
/// Two windows of a piece for each core are held at a time, whatever the log's length.
struct TailReader {
    private var pieces: LogPieces
    private let keys: LedgerIndex.Keys
    private let queue = DispatchQueue(
        label: "hanqing.tail", qos: .userInitiated, attributes: .concurrent)
    /// Begun while the caller had the window before.
    private var ahead: Window?

    private static let piecesPerWindow = min(ProcessInfo.processInfo.activeProcessorCount, 8)

    init(_ pieces: LogPieces, keys: LedgerIndex.Keys) {
        (self.pieces, self.keys) = (pieces, keys)
    }

    /// The next pieces in the order of the log; none at its end.
    mutating func next() throws(StoreError) -> [TailPiece] {
        if ahead == nil { ahead = try window() }
        guard let current = ahead else { return [] }
        ahead = try window()
        return current.wait()
    }

    /// Begins the next window; nil if there is nothing more.
    private mutating func window() throws(StoreError) -> Window? {
        var read: [LogPieces.Piece] = []
        while read.count < TailReader.piecesPerWindow, let piece = try pieces.next() {
            read.append(piece)
        }
        return read.isEmpty ? nil : Window(read, keys, queue)
    }

    /// Pieces that are being taken apart.
    private final class Window: Sendable {
        private let group = DispatchGroup()
        private let done = Mutex<[Int: TailPiece]>([:])

        init(_ pieces: [LogPieces.Piece], _ keys: LedgerIndex.Keys, _ queue: DispatchQueue) {
            for (place, piece) in pieces.enumerated() {
                queue.async(group: group) {
                    let taken = TailPiece(piece, keys: keys)
                    self.done.withLock { $0[place] = taken }
                }
            }
        }

        func wait() -> [TailPiece] {
            group.wait()
            return done.withLock { done in done.sorted { $0.key < $1.key }.map(\.value) }
        }
    }
}
