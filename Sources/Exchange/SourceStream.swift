import Foundation
import Phrases

/// A ``ByteSource`` as the stream that FoundationXML's parser pulls from.
final class SourceStream: InputStream {
    private let bytes: ByteSource
    private var prolog = XMLProlog()
    private var watch = XMLGuard()
    private var status = Stream.Status.notOpen
    /// Why the stream broke off.
    private(set) var failure: ImportError?

    init(_ bytes: ByteSource) {
        self.bytes = bytes
        super.init(data: Data())
    }

    override func open() { status = .open }
    override func close() { status = .closed }
    override var streamStatus: Stream.Status { status }
    override var hasBytesAvailable: Bool { status == .open }

    /// A failure is told as the end of the data, because FoundationXML takes a negative count for
    /// a length; the reader looks at ``failure`` before it believes the parser.
    override func read(_ buffer: UnsafeMutablePointer<UInt8>, maxLength: Int) -> Int {
        guard failure == nil else { return 0 }
        let target = UnsafeMutableRawBufferPointer(start: buffer, count: maxLength)
        do throws(ImportError) {
            let count = try bytes.read(into: target)
            if count == 0 { status = .atEnd }
            let piece = UnsafeRawBufferPointer(rebasing: target[..<count])
            if let reason = prolog.look(at: piece) ?? watch.look(at: piece) {
                throw ImportError(bytes.path, SourcePlace(line: 1), reason)
            }
            return count
        } catch {
            failure = error
            status = .error
            return 0
        }
    }
}
