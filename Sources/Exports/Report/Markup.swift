/// HTML or SVG: what is put into it is escaped, unless it is markup itself.
struct Markup: ExpressibleByStringInterpolation, Sendable {
    private(set) var text: String

    init() { text = "" }
    init(stringLiteral value: String) { text = value }
    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {}
        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
        mutating func appendInterpolation(_ plain: String) { text += VisibleText.html(plain) }
        mutating func appendInterpolation(_ number: some BinaryInteger) { text += "\(number)" }
    }

    static func + (left: Markup, right: Markup) -> Markup {
        var sum = left
        sum += right
        return sum
    }

    static func += (left: inout Markup, right: Markup) { left.text += right.text }
}

extension Sequence<Markup> {
    func joined() -> Markup { reduce(into: Markup()) { $0 += $1 } }
}

extension Markup {
    /// A table; of cells of numbers, the column is set to the right.
    static func table(_ heads: [String], _ rows: [[Markup]], numbers: Set<Int> = []) -> Markup {
        func cell(_ place: Int, _ content: Markup, _ tag: Markup) -> Markup {
            numbers.contains(place)
                ? "<\(tag) class=\"n\">\(content)</\(tag)>" : "<\(tag)>\(content)</\(tag)>"
        }
        let head = heads.enumerated().map { cell($0, "\($1)", "th") }.joined()
        let body = rows.map { row -> Markup in
            let cells = row.enumerated().map { cell($0, $1, "td") }.joined()
            return "<tr>\(cells)</tr>\n"
        }.joined()
        return "<table><thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)</tbody></table>\n"
    }

    /// A word in a box of a colour that says how things are.
    static func badge(_ word: String, _ kind: Kind) -> Markup {
        let name: Markup
        switch kind {
        case .good: name = "good"
        case .bad: name = "bad"
        case .open: name = "open"
        case .plain: name = "plain"
        }
        return "<span class=\"badge \(name)\">\(word)</span>"
    }

    enum Kind { case good, bad, open, plain }
}
