import CanonicalJSON
import Foundation
import Glibc
import LedgerHome

/// Events from a file or a pipe, in one of three forms: one event, an array, or one a line.
final class EventInput {
    typealias Line = (bytes: [UInt8], number: Int)

    enum Form {
        case single([UInt8])
        case batch([UInt8])
        /// The first lines; more follow.
        case lines([Line])
    }

    /// What a single event or a batch may have.
    static let byteCountMax = 64 << 20
    /// What a line may have.
    private static let lineByteCountMax = 4 << 20

    /// What to call it in messages.
    let name: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var place = 0
    private var isAtEnd = false
    private var lineNumber = 0

    init(_ file: String) throws(LedgerError) {
        name = file == "-" ? "-" : file
        descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw LedgerError(en: "cannot read \(file): \(reason)", zh: "无法读取 \(file)：\(reason)")
        }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Looks at the beginning: `[` opens a batch; a first line that is a whole JSON object means
    /// lines; anything else is one event over several lines.
    func form() throws(LedgerError) -> Form {
        while first == nil, try fill() {}
        guard let first else { return .lines([]) }
        if first == UInt8(ascii: "[") { return .batch(try rest()) }
        while newline() == nil, try fill() {}
        let end = newline() ?? buffer.count
        let line = buffer[place..<end]
        let isWhole = line.withUnsafeBytes { raw in
            (try? JSONReader(byteCountMax: EventInput.lineByteCountMax).read(raw) { _ in true })
                ?? false
        }
        let isAlone = buffer[min(end + 1, buffer.count)...].allSatisfy { $0 <= 0x20 }
        if !isWhole, newline() != nil, first == UInt8(ascii: "{"), !looksLikeLines(line) {
            return .single(try rest())
        }
        if isAtEnd, isAlone { return .single(Array(line)) }
        return .lines(try lines(atMost: 1000))
    }

    /// A broken line among lines still ends in a brace; a pretty-printed event's first does not.
    private func looksLikeLines(_ line: ArraySlice<UInt8>) -> Bool {
        line.last { $0 > 0x20 } == UInt8(ascii: "}")
    }

    /// The next lines that are not blank: at least one if there is any, more only if they are there
    /// already, so that a slow pipe is answered line by line.
    func lines(atMost count: Int) throws(LedgerError) -> [Line] {
        var result: [Line] = []
        while result.count < count {
            if let end = newline() {
                take(end, &result)
                continue
            }
            if !result.isEmpty, !hasMore() { break }
            guard try fill() else {
                if place < buffer.count { take(buffer.count, &result) }
                break
            }
        }
        return result
    }

    private func take(_ end: Int, _ result: inout [Line]) {
        lineNumber += 1
        let line = buffer[place..<end]
        place = min(end + 1, buffer.count)
        if line.contains(where: { $0 > 0x20 }) { result.append((Array(line), lineNumber)) }
    }

    private var first: UInt8? { buffer[place...].first { $0 > 0x20 } }

    private func newline() -> Int? {
        buffer[place...].firstIndex(of: 0x0A)
    }

    /// Whether reading would give something at once.
    private func hasMore() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    private func rest() throws(LedgerError) -> [UInt8] {
        while try fill() {
            guard buffer.count <= EventInput.byteCountMax else {
                throw LedgerError(
                    en:
                        "\(name) is over \(EventInput.byteCountMax >> 20) MiB; send events one a line",
                    zh: "\(name) 超过 \(EventInput.byteCountMax >> 20) MiB；请改为每行一个事件")
            }
        }
        return Array(buffer[place...])
    }

    /// Reads some more; false at the end.
    private func fill() throws(LedgerError) -> Bool {
        guard !isAtEnd else { return false }
        if place > 1 << 20 {
            buffer.removeFirst(place)
            place = 0
        }
        var block = [UInt8](repeating: 0, count: 1 << 18)
        let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return true }
        guard count >= 0 else {
            let reason = String(cString: strerror(errno))
            throw LedgerError(en: "cannot read \(name): \(reason)", zh: "无法读取 \(name)：\(reason)")
        }
        isAtEnd = count == 0
        buffer += block[..<count]
        return count > 0
    }
}
