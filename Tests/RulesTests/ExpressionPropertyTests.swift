import Rules
import TestKit
import Testing

@Suite struct TruthTests {
    @Test func `Kleene's laws hold`() {
        for a in Truth.allCases {
            #expect(!(!a) == a)
            #expect((a && .true) == a && (a || .false) == a)
            #expect((a && .false) == .false && (a || .true) == .true)
            #expect((a && a) == a && (a || a) == a)
            for b in Truth.allCases {
                #expect((a && b) == (b && a) && (a || b) == (b || a))
                #expect((!(a && b)) == (!a || !b) && (!(a || b)) == (!a && !b))
                #expect((a && (a || b)) == a && (a || (a && b)) == a)
                for c in Truth.allCases {
                    #expect((a && (b && c)) == ((a && b) && c))
                    #expect((a && (b || c)) == ((a && b) || (a && c)))
                }
            }
        }
    }

    @Test func `the excluded middle is unknown for what is unknown`() {
        #expect((Truth.unknown || !Truth.unknown) == .unknown)
        #expect((Truth.unknown && !Truth.unknown) == .unknown)
    }
}

/// Makes expressions by chance, and says by itself what they come to.
private struct Maker {
    var random: Seeded

    mutating func chance(_ count: Int) -> Int { .random(in: 0..<count, using: &random) }

    /// Puts parentheses around what may need them, and now and then around what does not.
    mutating func wrapped(_ text: String, always: Bool) -> String {
        always || chance(4) == 0 ? "( \(text) )" : text
    }

    mutating func condition(_ depth: Int) -> (text: String, truth: Truth) {
        switch chance(depth > 0 ? 5 : 2) {
        case 0:
            let leaves: [(String, Truth)] = [
                ("isOpen", .true), ("isShut", .false), ("isLost", .unknown), ("true", .true),
                ("empty(noText)", .true), ("exists(never)", .false),
            ]
            return leaves[chance(leaves.count)]
        case 1: return relation(depth)
        case 2:
            let inner = condition(depth - 1)
            return ("not \(wrapped(inner.text, always: true))", !inner.truth)
        case 3:
            let parts = (0...(1 + chance(2))).map { _ in condition(depth - 1) }
            let texts = parts.map { wrapped($0.text, always: true) }
            return (texts.joined(separator: " and "), parts.reduce(.true) { $0 && $1.truth })
        default:
            let parts = (0...(1 + chance(2))).map { _ in condition(depth - 1) }
            let texts = parts.map { wrapped($0.text, always: true) }
            return (texts.joined(separator: " or "), parts.reduce(.false) { $0 || $1.truth })
        }
    }

    private mutating func relation(_ depth: Int) -> (text: String, truth: Truth) {
        let (left, right) = (number(depth), number(depth))
        let signs: [(String, (Int, Int) -> Bool)] = [
            ("==", ==), ("!=", !=), ("<", <), ("<=", <=), (">", >), (">=", >=),
        ]
        let (sign, holds) = signs[chance(signs.count)]
        let text = "\(left.text) \(sign) \(right.text)"
        guard let first = left.value, let second = right.value else { return (text, .unknown) }
        return (text, Truth(holds(first, second)))
    }

    /// A sum in parentheses, or something smaller; nil where a value is missing.
    private mutating func number(_ depth: Int) -> (text: String, value: Int?) {
        switch chance(depth > 0 ? 6 : 3) {
        case 0: return ("amount", 500)
        case 1: return chance(4) == 0 ? ("noNumber", nil) : ("count(filed)", 2)
        case 2:
            let value = chance(600)
            return ("\(value)", value)
        case 3:
            let inner = number(depth - 1)
            return ("-\(wrapped(inner.text, always: false))", inner.value.map { -$0 })
        default:
            let (left, right) = (number(depth - 1), number(depth - 1))
            let signs: [(String, (Int, Int) -> Int)] = [("+", +), ("-", -), ("*", *)]
            let (sign, result) = signs[chance(3)]
            var value: Int?
            if let first = left.value, let second = right.value { value = result(first, second) }
            return ("(\(left.text)\(sign)\(right.text))", value)
        }
    }
}

@Suite struct ExpressionPropertyTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `what is printed says the same, and comes to what it should`(seed: UInt64) throws {
        var maker = Maker(random: Seeded(seed: seed))
        let context = try sampleContext()
        var count = 0
        while count < 400 {
            let (text, expected) = maker.condition(3)
            guard text.utf8.count <= Expression.byteCountMax else { continue }
            count += 1
            let expression = try Expression(text, symbols: TestSymbols())
            let again = try Expression(expression.text, symbols: TestSymbols())
            #expect(again == expression, "seed \(seed): \(text)")
            #expect(again.text == expression.text, "seed \(seed): \(text)")
            #expect(try truth(text, in: context) == expected, "seed \(seed): \(text)")
        }
    }

    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func `changed expressions are refused or read, and never more`(seed: UInt64) throws {
        var maker = Maker(random: Seeded(seed: seed))
        let context = try sampleContext()
        let pieces = Array("()[]\"=<>!-+*., andornotidayfiled1红".unicodeScalars)
        for _ in 0..<1_000 {
            var scalars = Array(maker.condition(2).text.unicodeScalars)
            for _ in 0...maker.chance(3) {
                let place = maker.chance(scalars.count)
                scalars[place] = pieces[maker.chance(pieces.count)]
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            do throws(ExpressionErrors) {
                let expression = try Expression(text, symbols: TestSymbols())
                let again = try Expression(expression.text, symbols: TestSymbols())
                #expect(again == expression, "seed \(seed): \(text)")
                _ = try? truth(text, in: context)
            } catch {
                let columns = error.errors.map(\.column)
                #expect(
                    columns.allSatisfy { 1...(scalars.count + 1) ~= $0 }, "seed \(seed): \(text)")
            }
        }
    }
}
