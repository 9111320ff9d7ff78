import Foundation

/// The kept inputs of a target, and what chance makes of them.
struct FuzzInputs {
    /// In the order of their names.
    let kept: [(name: String, bytes: [UInt8])]
    private let byteCountMax: Int

    /// Reads `folder`; a folder that is not there holds nothing.
    init(in folder: URL, byteCountMax: Int) throws {
        self.byteCountMax = byteCountMax
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        kept = try names.filter { !$0.hasPrefix(".") }.sorted().map { name in
            (name, [UInt8](try Data(contentsOf: folder.appending(path: name))))
        }
    }

    /// A kept input with one to six changes, and its name.
    func changed(using random: inout some RandomNumberGenerator) -> ([UInt8], String) {
        guard let (name, start) = kept.randomElement(using: &random) else { return ([], "") }
        var bytes = start
        for _ in 0..<Int.random(in: 1...6, using: &random) { change(&bytes, using: &random) }
        return (Array(bytes.prefix(byteCountMax)), name)
    }

    /// Bits and bytes changed, pieces taken out, doubled, moved, or brought from another input.
    private func change(_ bytes: inout [UInt8], using random: inout some RandomNumberGenerator) {
        guard !bytes.isEmpty else { return bytes.append(.random(in: 0...255, using: &random)) }
        let piece = self.piece(of: bytes, using: &random)
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...7, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 1: bytes[place] = .random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(piece)
        case 3: bytes.insert(contentsOf: bytes[piece], at: place)
        case 4: bytes.replaceSubrange(piece, with: repeatElement(bytes[place], count: piece.count))
        case 5: bytes.removeLast(bytes.count - place)
        case 6:
            guard let other = kept.randomElement(using: &random)?.bytes else { return }
            let found = self.piece(of: other, using: &random)
            bytes.insert(contentsOf: other[found], at: place)
        default:
            let numbers = ["0", "-1", "9007199254740993", "18446744073709551616", "1e999"]
            let number = numbers.randomElement(using: &random) ?? ""
            bytes.replaceSubrange(piece, with: number.utf8)
        }
    }

    /// Mostly short: a few bytes do more than many.
    private func piece(
        of bytes: [UInt8], using random: inout some RandomNumberGenerator
    ) -> Range<Int> {
        guard !bytes.isEmpty else { return 0..<0 }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let longest = Bool.random(using: &random) ? 8 : 256
        let end = start + Int.random(in: 1...longest, using: &random)
        return start..<min(bytes.count, end)
    }
}
