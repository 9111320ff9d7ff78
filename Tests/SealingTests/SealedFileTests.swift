import CanonicalJSON
import Digests
import Sealing
import TestKit
import Testing

@Suite struct SealedFileTests {
    private let key = DataKey(VaultMaker.chance)

    static let sizes = [0, 1, 63, 64, 65_535, 65_536, 65_537, 131_072, 200_000]

    private func seal(_ bytes: [UInt8], pieces: Int, _ key: DataKey, _ origin: String) -> [UInt8] {
        var writer = SealedFileWriter(key, origin: origin)
        var sealed = writer.header
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            sealed += writer.add(bytes[start..<min(start + pieces, bytes.count)])
        }
        return sealed + writer.finish()
    }

    private func open(
        _ file: [UInt8], pieces: Int, _ key: DataKey, origin: String = VaultMaker.origin
    ) throws -> [UInt8] {
        var reader = try SealedFileReader(
            header: Array(file.prefix(SealedFile.headerByteCount)), key, origin: origin)
        let body = Array(file.dropFirst(SealedFile.headerByteCount))
        var opened: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: pieces) {
            opened += try reader.add(body[start..<min(start + pieces, body.count)])
        }
        return try opened + reader.finish()
    }

    @Test(arguments: sizes)
    func `a file comes back, however it is cut`(size: Int) throws {
        let bytes = RandomBytes.make(count: size)
        let whole = seal(bytes, pieces: 1 << 20, key, VaultMaker.origin)
        for pieces in [4_099, 65_536, 65_552, 1 << 20] {
            #expect(seal(bytes, pieces: pieces, key, VaultMaker.origin) == whole)
            #expect(try open(whole, pieces: pieces, key) == bytes)
        }
        #expect(SealedFile.handle(whole) == key.handle)
    }

    @Test func `files are those of the vectors`() throws {
        let cases = try Vectors.list(try Vectors.json(), "files")
        #expect(cases.count == 6)
        for vector in cases {
            func bytes(_ name: String) throws -> [UInt8] {
                try #require(vector[name]?.string.flatMap { Hex.decode($0) })
            }
            let (handle, secret) = (try bytes("handle"), try bytes("dataKey"))
            let key = DataKey { count in
                SecretBytes(copying: count == KeyHandle.byteCount ? handle : secret)
            }
            let size = Int(try #require(vector["bytes"]?.integer))
            let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let origin = try #require(vector["origin"]?.string)
            let sealed = seal(content, pieces: 1 << 16, key, origin)
            #expect(SHA256.digest(of: sealed).hex == vector["sha256"]?.string, "\(size)")
        }
    }

    @Test func `what is cut, swapped, changed or of another key does not open`() throws {
        let bytes = RandomBytes.make(count: 200_000)
        let sealed = seal(bytes, pieces: 1 << 20, key, VaultMaker.origin)
        let (header, chunk) = (SealedFile.headerByteCount, 65_552)
        var swapped = sealed
        swapped.replaceSubrange(
            header..<header + chunk, with: sealed[header + chunk..<header + 2 * chunk])
        swapped.replaceSubrange(
            header + chunk..<header + 2 * chunk, with: sealed[header..<header + chunk])
        let cut = Array(sealed[..<(header + 2 * chunk)])
        var dropped = sealed
        dropped.removeSubrange(header..<header + chunk)
        for forged in [swapped, cut, dropped, Array(sealed.dropLast()), sealed + [0]] {
            #expect(throws: SealingError.changed) { try open(forged, pieces: 1 << 20, key) }
        }
        var random = Seeded(seed: 7)
        for _ in 0..<40 {
            var forged = sealed
            forged[Int.random(in: 0..<sealed.count, using: &random)] ^= 4
            #expect(throws: SealingError.self) { try open(forged, pieces: 1 << 20, key) }
        }
        #expect(throws: SealingError.otherKeyOrPlace) {
            try open(sealed, pieces: 1 << 20, DataKey(VaultMaker.chance))
        }
        #expect(throws: SealingError.otherKeyOrPlace) {
            try open(sealed, pieces: 1 << 20, key, origin: "other.example")
        }
        #expect(throws: SealingError.noBox) { try open([1, 2, 3], pieces: 9, key) }
    }
}

@Suite struct ReporterCodeTests {
    private func code(_ text: String) -> ReporterCode? {
        ReporterCode(SecretBytes(copying: Array(text.utf8)))
    }

    @Test func `a code is shown in groups, and read as it is dictated`() throws {
        for _ in 0..<50 {
            let made = ReporterCode(VaultMaker.chance)
            let shown = made.shown
            #expect(shown.split(separator: " ").map(\.count) == [5, 5, 5, 5, 5, 5])
            #expect(code(shown)?.shown == shown)
            #expect(code(shown.replacing(" ", with: "-"))?.shown == shown)
            #expect(code(shown.replacing(" ", with: ""))?.shown == shown)
        }
    }

    @Test func `a wrong digit, or two that changed places, is noticed`() throws {
        let digits = Array(ReporterCode(VaultMaker.chance).shown.replacing(" ", with: ""))
        for place in digits.indices {
            for other in "0123456789" where other != digits[place] {
                var wrong = digits
                wrong[place] = other
                #expect(code(String(wrong)) == nil, "place \(place)")
            }
            guard place > 0, digits[place] != digits[place - 1] else { continue }
            var wrong = digits
            wrong.swapAt(place, place - 1)
            #expect(code(String(wrong)) == nil, "places \(place - 1) and \(place)")
        }
        for text in ["", String(digits.dropLast()), String(digits) + "0", "举报" + String(digits)] {
            #expect(code(text) == nil)
        }
    }

    @Test func `digits are drawn evenly`() {
        var counts = [Character: Int]()
        for _ in 0..<400 {
            for digit in ReporterCode(VaultMaker.chance).shown.replacing(" ", with: "").prefix(28) {
                counts[digit, default: 0] += 1
            }
        }
        // 11,200 digits: a tenth each is 1,120, and 200 off is more than six deviations.
        #expect(counts.count == 10)
        for (digit, count) in counts { #expect(920...1_320 ~= count, "\(digit): \(count)") }
    }

    @Test func `tags are those of the vectors`() throws {
        let cases = try Vectors.list(try Vectors.json(), "codes")
        #expect(cases.count == 3)
        for vector in cases {
            let code = try #require(vector["code"]?.string.flatMap(code))
            let origin = try #require(vector["origin"]?.string)
            #expect(code.tag(origin: origin) == vector["tag"]?.string)
            #expect(code.tag(origin: "other.example") != vector["tag"]?.string)
        }
    }
}
