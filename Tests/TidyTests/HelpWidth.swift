/// The texts of `--help`, which the argument parser breaks at the eightieth column and never joins.
enum HelpWidth {
    private static let columnCountMax = 79

    /// Lines of a command's help that would be broken once more.
    static func offences(_ file: ProjectFile) -> [String] {
        guard file.path.hasPrefix("Sources/hanqing/") else { return [] }
        var (offences, indent, isHelp) = ([String](), 0, false)
        for (number, line) in file.lines.enumerated() {
            if line.hasSuffix("discussion: \"\"\"") {
                isHelp = true
                indent = line.prefix { $0 == " " }.count + 4
            } else if line.contains("\"\"\"") {
                isHelp = false
            } else if isHelp, columnCount(line.dropFirst(indent)) > columnCountMax {
                offences.append("\(file.path):\(number + 1): \(line)")
            }
        }
        return offences
    }

    /// Chinese letters and their punctuation take two columns.
    private static func columnCount(_ text: Substring) -> Int {
        text.unicodeScalars.reduce(0) {
            $0 + ((0x1100...0xFFEF).contains($1.value) && !isNarrow($1) ? 2 : 1)
        }
    }

    private static func isNarrow(_ scalar: Unicode.Scalar) -> Bool {
        (0x1160...0x2E7F).contains(scalar.value)
    }
}
