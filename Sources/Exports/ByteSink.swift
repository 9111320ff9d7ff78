import DurableFiles

/// Where an export is written.
package protocol ByteSink: AnyObject {
    func write(_ bytes: [UInt8]) throws(ExportError)
}

extension ByteSink {
    func write(_ text: String) throws(ExportError) { try write(Array(text.utf8)) }
}

/// A file that has its name only when it is whole.
package final class FileSink: ByteSink {
    package let path: String
    private let draft: String
    private let file: ByteFile
    private var buffer: [UInt8] = []
    private var offset = 0
    private var isFinished = false

    private static let bufferSize = 1 << 18

    package init(_ path: String) throws(ExportError) {
        self.path = path
        draft = path + ".new"
        do throws(FileError) {
            file = try ByteFile(draft, .create)
            try file.truncate(to: 0)
        } catch {
            throw ExportError(error.phrase)
        }
    }

    /// Of an export that failed nothing is left.
    deinit {
        if !isFinished { try? DurableFile.remove(draft) }
    }

    package func write(_ bytes: [UInt8]) throws(ExportError) {
        buffer += bytes
        if buffer.count >= FileSink.bufferSize { try flush() }
    }

    private func flush() throws(ExportError) {
        do throws(FileError) {
            try file.write(buffer, at: offset)
        } catch {
            throw ExportError(error.phrase)
        }
        offset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the file durable and gives it its name: before, a crash leaves the draft alone.
    package func finish() throws(ExportError) {
        try flush()
        do throws(FileError) {
            try file.sync()
            try DurableFile.move(draft, to: path)
        } catch {
            throw ExportError(error.phrase)
        }
        isFinished = true
    }
}
