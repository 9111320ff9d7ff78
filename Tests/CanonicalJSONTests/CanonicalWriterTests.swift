import CanonicalJSON
import Foundation
import Testing

@Suite struct CanonicalWriterTests {
    @Test(arguments: ["arrays", "french", "structures", "unicode", "values", "weird"])
    func `the vectors of RFC 8785 come out byte for byte`(name: String) throws {
        let input = try Data(contentsOf: vectors.appending(path: "jcs-rfc8785/input/\(name).json"))
        let output = try Data(
            contentsOf: vectors.appending(path: "jcs-rfc8785/output/\(name).json"))
        let reader = JSONReader(roundsNumbers: true)
        var written: [UInt8] = []
        try input.withUnsafeBytes { CanonicalWriter.write(try reader.read($0), to: &written) }
        #expect(written == [UInt8](output))
        #expect(try isCanonical([UInt8](output)))
        #expect(try JSONValue(parsing: output).canonicalBytes == [UInt8](output))
    }

    /// RFC 8785 appendix B, the numbers whose decimal value is that of their spelling here.
    @Test(
        arguments: [
            ("0", "0"), ("-0", "0"), ("5e-324", "5e-324"), ("-5e-324", "-5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992", "9007199254740992"),
            ("295147905179352830000", "295147905179352830000"),
            ("1e21", "1e+21"), ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e23", "1e+23"), ("0.000001", "0.000001"), ("0.0000001", "1e-7"),
            ("333333333.3333333", "333333333.3333333"),
            ("-0.0000033333333333333333", "-0.0000033333333333333333"), ("333333333.33333329", nil),
            ("1424953923781206.2", "1424953923781206.2"), ("4.50", "4.5"), ("1e2", "100"),
        ] as [(String, String?)])
    func `numbers are printed as ECMAScript prints them`(text: String, expected: String?) throws {
        let output = try? canonicalised(Array(text.utf8))
        #expect(output.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `any double survives printing and reading`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<5000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let printed = JSONValue.number(value).canonicalBytes
            let back = try JSONValue(parsing: printed)
            #expect(back.canonicalBytes == printed, "seed \(seed), \(value)")
            #expect(Double(String(decoding: printed, as: UTF8.self)) == value, "seed \(seed)")
        }
    }

    @Test func `canonical text is told from text that only looks so`() throws {
        for text in [#"{"a":1,"b":"\n\u001f"}"#, "[]", "{}", #"["/"]"#, "1.5", #"{"":1,"a":2}"#] {
            #expect(try isCanonical(Array(text.utf8)), "\(text)")
        }
        for text in [
            #"{"b":1,"a":2}"#, #"{ "a":1}"#, #"["\/"]"#, #"["\u001F"]"#, #"["\u000a"]"#, "1.50",
            "[1] ", "1e2", "-0", #"["\u0061"]"#,
        ] {
            #expect(try !isCanonical(Array(text.utf8)), "\(text)")
        }
    }

    @Test func `names sort by UTF-16 code units`() throws {
        let input = "{\"\u{FB33}\":1,\"\u{1F600}\":2,\"a\":3}"
        let output = try canonicalised(Array(input.utf8))
        #expect(
            String(decoding: output, as: UTF8.self) == "{\"a\":3,\"\u{1F600}\":2,\"\u{FB33}\":1}")
    }
}
