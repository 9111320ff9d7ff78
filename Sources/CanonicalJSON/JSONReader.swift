/// A strict reader of RFC 8259, one pass over the bytes onto a flat tape.
///
/// It decides what is evidence, so it refuses whatever could be read in two ways; the rules stand
/// in Specs/record.md section 8. One reader serves many documents and keeps its memory. It is not
/// Sendable: each task makes its own.
package final class JSONReader {
    package static let depthMax = 64

    private var tape: JSONTape

    /// A reader that refuses input of more than `byteCountMax` bytes (at most 4 GiB).
    ///
    /// `roundsNumbers` reads a number as RFC 8785 does, to the nearest double, where evidence
    /// demands that its value be held exactly.
    package init(byteCountMax: Int = 64 << 20, roundsNumbers: Bool = false) {
        tape = JSONTape(
            byteCountMax: min(byteCountMax, Int(UInt32.max)), roundsNumbers: roundsNumbers)
    }

    /// The one value in `bytes`.
    ///
    /// The view borrows: it is good until this reader reads again, and while `bytes` stay in place
    /// and the reader lives. Keep the reader in a property, or use ``read(_:_:)``.
    package func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONView {
        try tape.read(bytes)
    }

    /// Gives the one value in `bytes` to `body`, and keeps this reader alive meanwhile.
    package func read<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (JSONView) -> Result
    ) throws(JSONError) -> Result {
        let view = try tape.read(bytes)
        return withExtendedLifetime(self) { body(view) }
    }

    /// The value that begins at `start` of `bytes`, `depth` levels deep, and where it ends; what is
    /// before and after it is not looked at.
    ///
    /// The view borrows as that of ``read(_:)`` does; its spans count from the start of `bytes`.
    package func readPart(
        of bytes: UnsafeRawBufferPointer, from start: Int, depth: Int
    ) throws(JSONError) -> (value: JSONView, end: Int) {
        (try tape.readPart(of: bytes, from: start, depth: depth), tape.position)
    }
}
