import Bundles
import Phrases
import Testing

/// Archives as bundles have them, and every other that somebody may hand in.
@Suite struct TarTests {
    private static func archive(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        files.flatMap { file -> [UInt8] in
            let entry = TarEntry(name: file.name, byteCount: file.bytes.count)
            return entry.header + file.bytes
                + [UInt8](repeating: 0, count: entry.paddingByteCount)
        } + TarEntry.end
    }

    private func read(_ bytes: [UInt8]) throws(TarFault) -> [(name: String, bytes: [UInt8])] {
        var place = 0
        var reader = TarReader { (count) throws(TarFault) in
            let piece = Array(bytes[place..<min(bytes.count, place + count)])
            place += piece.count
            return piece
        }
        var files: [(name: String, bytes: [UInt8])] = []
        while let entry = try reader.next() {
            files.append((entry.name, try reader.contents()))
        }
        return files
    }

    private func fault(_ bytes: [UInt8]) -> TarFault? {
        do throws(TarFault) {
            _ = try read(bytes)
            return nil
        } catch {
            return error
        }
    }

    private let sound = archive([("a/1", [1, 2, 3]), ("a/2", []), ("b", [7])])

    /// One file whose header was changed, with its checksum made right again.
    private func forged(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = TarTests.archive([("evil", [1])])
        change(&bytes)
        bytes.replaceSubrange(148..<156, with: "        ".utf8)
        let digits = String(bytes[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
        let padded = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
        bytes.replaceSubrange(148..<156, with: padded.utf8)
        return bytes
    }

    private func named(_ name: String) -> [UInt8] {
        forged { $0.replaceSubrange(0..<name.utf8.count, with: name.utf8) }
    }

    @Test func `what is written is read`() throws {
        let files = try read(sound)
        #expect(files.map(\.name) == ["a/1", "a/2", "b"])
        #expect(files.map(\.bytes) == [[1, 2, 3], [], [7]])
        #expect(try read(TarEntry.end).isEmpty)
    }

    @Test func `no name leads elsewhere, and no entry is more than a plain file`() {
        for name in ["/etc", "../a", "a/..", "a//b", "./ab", "a/./b", "a\\b", "a b!", "caf\u{E9}"] {
            #expect(fault(named(name)).map { "\($0)".contains("badName") } == true, "\(name)")
        }
        let kinds: [(UInt8, TarFault)] = [
            (0x31, .link("evil")), (0x32, .link("evil")), (0x33, .device("evil")),
            (0x34, .device("evil")), (0x35, .folder("evil")), (0x36, .device("evil")),
            (0x37, .attributes("evil")), (0x78, .attributes("evil")), (0x67, .attributes("evil")),
            (0x4C, .attributes("evil")), (0, .attributes("evil")),
        ]
        for (kind, expected) in kinds {
            #expect(fault(forged { $0[156] = kind }) == expected)
        }
        #expect(
            fault(forged { $0.replaceSubrange(345..<349, with: "/etc".utf8) }) == .badName("evil"))
        #expect(fault(forged { $0[106] = 0x35 }) == .attributes("evil"), "another mode")
        #expect(fault(forged { $0[124] = 0x80 }) == .attributes("evil"), "a size in binary")
        #expect(fault(forged { $0[157] = 0x2F }) == .attributes("evil"), "a link's target")
    }

    @Test func `entries come once and in order`() {
        #expect(fault(TarTests.archive([("a", []), ("a", [1])])) == .twice("a"))
        #expect(fault(TarTests.archive([("b", []), ("a", [1])])) == .outOfOrder("a"))
    }

    @Test func `an archive that is cut off or goes on is refused`() {
        for count in stride(from: 0, to: sound.count, by: 1) {
            #expect(fault(Array(sound.prefix(count))) != nil, "\(count) bytes")
        }
        #expect(fault(sound + [0]) == .moreFollows)
        #expect(fault(sound + [UInt8](repeating: 0, count: 512)) == .moreFollows)
    }

    @Test func `every changed bit is refused, or changes what is read`() throws {
        let files = try read(sound)
        for place in sound.indices {
            var bytes = sound
            bytes[place] ^= 1
            guard let found = try? read(bytes) else { continue }
            let isSame = zip(found, files).allSatisfy { $0.name == $1.name && $0.bytes == $1.bytes }
            #expect(!isSame || found.count != files.count, "byte \(place)")
        }
    }

    @Test func `a name from outside is shown without what it may do to a screen`() {
        let phrase = fault(named("\u{1B}[2J"))?.phrase
        #expect(phrase?.en.hasPrefix("entry “?[2J") == true)
    }
}
