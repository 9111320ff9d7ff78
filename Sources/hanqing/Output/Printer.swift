import CanonicalJSON
import Foundation
import Glibc
import Phrases

/// All that the program prints goes through here: language, colour, JSON, progress, closed pipes.
final class Printer {
    let language: Language
    let isJSON: Bool
    private let isColoured: Bool
    private let board: ProgressBoard
    private var buffer: [UInt8] = []
    private(set) var isClosed = false

    init(language: Language, isJSON: Bool) {
        self.language = language
        self.isJSON = isJSON
        let environment = ProcessInfo.processInfo.environment
        let isPlain = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        isColoured = isatty(STDOUT_FILENO) == 1 && !isPlain
        board = ProgressBoard(
            isTerminal: isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb")
        // A reader that has seen enough closes the pipe; that is no error and no reason to die.
        signal(SIGPIPE, SIG_IGN)
    }

    var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    // MARK: Standard output

    func print(_ phrase: Phrase) {
        print(phrase[language])
    }

    func print(_ text: String = "") {
        write(Array(text.utf8) + [0x0A])
    }

    func print(_ json: JSONValue) {
        write(json.bytesAsGiven + [0x0A])
    }

    func write(_ bytes: [UInt8]) {
        buffer += bytes
        if buffer.count > 1 << 16 { flush() }
    }

    func flush() {
        board.clear()
        var place = 0
        while place < buffer.count, !isClosed {
            let count = buffer[place...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count > 0 { place += count } else if errno != EINTR { isClosed = true }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    // MARK: Standard error

    func complain(_ phrase: Phrase) {
        complain("hanqing: " + phrase[language])
    }

    func complain(_ text: String) {
        flush()
        board.clear()
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Says things from any thread, beside long work.
    func notices() -> @Sendable (Phrase) -> Void {
        let (board, language) = (board, language)
        return { phrase in
            board.clear()
            FileHandle.standardError.write(Data("hanqing: \(phrase[language])\n".utf8))
        }
    }

    /// A line that shows how far long work has come, and how long it will take.
    ///
    /// It may be told from any thread, and gives way to whatever this printer prints.
    func progress(_ work: Phrase, _ unit: ProgressMeter.Unit) -> ProgressLine {
        ProgressLine(work, unit, language, board)
    }

    // MARK: Words

    func text(en: String, zh: String) -> String {
        language == .chinese ? zh : en
    }

    enum Colour: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case grey = "90"
        case bold = "1"
    }

    func coloured(_ text: String, _ colour: Colour) -> String {
        isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A number with thin groups of three, as both languages write it.
    func grouped(_ number: some BinaryInteger) -> String { Phrases.grouped(number) }

    /// Columns of text, as wide as a terminal shows them: a Han character takes two places.
    func table(_ rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? width($0[column]) : 0 }.max() ?? 0
        }
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - width(cell) + 2)
                }
            }
            print(line)
        }
    }

    private func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x9FFF,
                0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x20000...0x3FFFD:
                sum + 2
            default: sum + 1
            }
        }
    }
}
