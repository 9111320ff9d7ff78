import Exchange
import TestKit
import Testing

@Suite struct DecimalTextTests {
    @Test(
        arguments: [
            ("35.0", 3500), ("35", 3500), ("0.07", 7), ("-1.25", -125), ("1.0E7", 1_000_000_000),
            ("12.50e-1", 125), ("0", 0), ("-0.00", 0), ("+3.1", 310), ("00012.3", 1230),
            ("90071992547409.92", 9_007_199_254_740_992),
        ] as [(String, Int64)])
    func `an amount becomes fen`(text: String, fen: Int64) {
        #expect(DecimalText.scaled(text, places: 2) == fen)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "1.005", "1,000", "1 000", "￥1", "0x10", "NaN", "1e", "1e9999", "--1",
        "90071992547409.93", "1e17", "1e-3", "１",
    ])
    func `what is no exact amount is refused`(text: String) {
        #expect(DecimalText.scaled(text, places: 2) == nil)
    }

    @Test func `every amount comes back from each way of writing it`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = Seeded(seed: seed)
        for _ in 0..<5_000 {
            let fen =
                Int64.random(in: 0...9_007_199_254_740_992, using: &random)
                >> Int64.random(in: 0...52, using: &random)
            let cents = "\(fen % 100 + 100)".dropFirst()
            let zeros = String(repeating: "0", count: Int.random(in: 0...3, using: &random))
            let shifted = Int.random(in: 0...6, using: &random)
            let ways = [
                "\(fen / 100).\(cents)\(zeros)", "\(zeros)\(fen / 100).\(cents)", "\(fen)e-2",
                "\(fen)\(String(repeating: "0", count: shifted))E-\(shifted + 2)",
            ]
            for way in ways {
                #expect(DecimalText.scaled(way, places: 2) == fen, "\(way), seed \(seed)")
            }
        }
    }
}
