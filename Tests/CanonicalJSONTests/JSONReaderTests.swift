import CanonicalJSON
import Foundation
import Testing

@Suite struct JSONReaderTests {
    @Test func `every JSONTestSuite file is read or refused as decided`() throws {
        let decisions = try JSONDecoder().decode(
            [String: String].self,
            from: Data(contentsOf: vectors.appending(path: "JSONTestSuite/decisions.json")))
        var counts: [String: Int] = [:]
        for file in try files(in: "JSONTestSuite/test_parsing") {
            let name = file.lastPathComponent
            let isExpected = decisions[name].map { $0 == "read" } ?? name.hasPrefix("y_")
            let isRead = (try? canonicalised([UInt8](Data(contentsOf: file)))) != nil
            #expect(isRead == isExpected, "\(name)")
            counts[String(name.prefix(2)), default: 0] += 1
        }
        #expect(counts == ["y_": 95, "n_": 188, "i_": 35])
        #expect(decisions.count == 37)
    }

    @Test(
        arguments: [
            ("number_1.0.json", "[1]"), ("number_1e6.json", "[1000000]"),
            ("number_1000000000000000.json", "[1000000000000000]"),
            ("number_-9223372036854775808.json", nil), ("number_9223372036854775807.json", nil),
            ("number_1e-999.json", nil), ("number_10000000000000000999.json", nil),
            ("number_1.000000000000000005.json", nil),
            ("object_same_key_same_value.json", nil),
            ("object_same_key_different_values.json", nil),
            ("object_same_key_unclear_values.json", nil),
            ("string_1_escaped_invalid_codepoint.json", nil),
            ("string_1_invalid_codepoint.json", nil),
            ("string_with_escaped_NULL.json", "[\"A\\u0000B\"]"),
        ] as [(String, String?)])
    func `a transform case keeps its value or is refused`(name: String, expected: String?) throws {
        let file = vectors.appending(path: "JSONTestSuite/test_transform/\(name)")
        let output = try? canonicalised([UInt8](Data(contentsOf: file)))
        #expect(output.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test func `names that differ only in normal form are different names`() throws {
        for name in ["object_key_nfc_nfd.json", "object_key_nfd_nfc.json"] {
            let file = vectors.appending(path: "JSONTestSuite/test_transform/\(name)")
            #expect(throws: Never.self) { try canonicalised([UInt8](Data(contentsOf: file))) }
        }
    }

    @Test(arguments: [
        ("", JSONError.Code.empty, 0), ("  ", .empty, 2), ("{\"a\":1,}", .unexpectedByte, 7),
        ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateName, 13), ("[1]x", .trailingBytes, 3),
        ("[9007199254740993]", .inexactNumber, 1), ("[1e400]", .inexactNumber, 1),
        ("\"\\ud800\"", .loneSurrogate, 1), ("\"a\u{1}\"", .controlCharacter, 2),
        ("[\"\\x\"]", .invalidEscape, 2), ("[01]", .malformedNumber, 1), ("[1", .unexpectedEnd, 2),
        (String(repeating: "[", count: 65), .tooDeep, 64),
    ])
    func `a refusal names the reason and the byte`(
        text: String, code: JSONError.Code, offset: Int
    ) {
        #expect(throws: JSONError(code, at: offset)) { try canonicalised(Array(text.utf8)) }
    }

    @Test func `input over the bound is refused before it is read`() {
        let reader = JSONReader(byteCountMax: 4)
        #expect(throws: JSONError(.tooLong, at: 4)) {
            try Array("[1,2]".utf8).withUnsafeBytes { _ = try reader.read($0) }
        }
    }

    /// A valid document with one byte changed is read or refused, never anything worse; and what
    /// is read is a fixed point of the writer.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `mutated documents never crash`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let document = Array(
            #"{"a":[1,2.5,-3e7,"汉\n\u0007é𝄞"],"b":{"c":null,"d":true},"é":"x"}"#.utf8)
        var readCount = 0
        for _ in 0..<4000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            guard let output = try? canonicalised(bytes) else { continue }
            readCount += 1
            #expect(try canonicalised(output) == output, "seed \(seed)")
            #expect(try isCanonical(output), "seed \(seed)")
        }
        #expect(readCount > 100, "some must have been read")
    }
}

/// A seeded generator (SplitMix64), so that a failing seed can be run again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
