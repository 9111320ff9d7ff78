import Phrases
import Projections

extension Trace {
    /// A picture of the cases and the links between them: Specs/tracing.md section 4.
    package func svg(_ words: Wording) -> String {
        TracePicture(self, words).text
    }
}

/// A case as a card: a head, and a row for each entry.
private struct Card {
    struct Row {
        let act: Act?
        let title: String
        let people: String
        let note: String?
        let top: Double
        let height: Double
    }

    static let headHeight = 46.0
    static let size = 12.5
    static let small = 10.5
    private static let padding = 10.0
    private static let widths = 210.0...400.0
    private static let rowCountMax = 40

    let title: String
    let under: String
    let rows: [Row]
    let size: GraphLayout.Size

    init(_ one: TracedCase, _ acts: [Act], keeping records: Set<UInt64>, _ words: Wording) {
        title = "\(one.procedure[words.language]) \(one.title)"
        let stage = one.stage.map { " · " + $0[words.language] } ?? ""
        under = one.stream + stage
        let shown = Card.shown(acts, keeping: records)
        var rows: [Row] = []
        var top = Card.headHeight
        for act in shown {
            let note = ActMark(act).note(words)
            let height = 34 + (note == nil ? 0 : 14.0)
            rows.append(
                Row(
                    act: act, title: Card.title(of: act, words),
                    people: Card.people(of: act, words),
                    note: note, top: top, height: height))
            top += height
        }
        if shown.count < acts.count {
            let more = acts.count - shown.count
            let text = words.text(en: "and \(more) more entries", zh: "另有 \(more) 条记录")
            rows.append(Row(act: nil, title: text, people: "", note: nil, top: top, height: 24))
            top += 24
        }
        let texts =
            [SVGWriter.width(title) * 13.5, SVGWriter.width(under) * Card.small]
            + rows.flatMap { row in
                [
                    SVGWriter.width(row.title) * Card.size,
                    SVGWriter.width(row.people) * Card.small,
                    SVGWriter.width(row.note ?? "") * Card.small,
                ]
            }
        let wide = (texts.max() ?? 0) + 2 * Card.padding + 6
        let width = min(max(wide, Card.widths.lowerBound), Card.widths.upperBound)
        self.rows = rows
        size = GraphLayout.Size(width: width, height: top + 4)
    }

    /// Of very many entries, those that links meet or that are marked, and the first ones.
    private static func shown(_ acts: [Act], keeping records: Set<UInt64>) -> [Act] {
        guard acts.count > rowCountMax else { return acts }
        let kept = acts.filter { records.contains($0.record) || ActMark($0).fill != nil }
        let chosen = Set((kept + acts).prefix(rowCountMax).map(\.record)).union(
            kept.filter { records.contains($0.record) }.map(\.record))
        return acts.filter { chosen.contains($0.record) }
    }

    private static func title(of act: Act, _ words: Wording) -> String {
        "#\(act.record)  \(words.day(act.day))  \(act.title[words.language])"
    }

    private static func people(of act: Act, _ words: Wording) -> String {
        let acting = act.persons.filter { !$0.isOperator }
        let told = acting.isEmpty ? act.persons : acting
        var byRole: [(role: String, persons: [String])] = []
        for person in told {
            if let place = byRole.firstIndex(where: { $0.role == person.role }) {
                byRole[place].persons.append(person.person)
            } else {
                byRole.append((person.role, [person.person]))
            }
        }
        if act.protectedCount > 0 {
            byRole.append((words.text(en: "protected", zh: "受保护"), ["\(act.protectedCount)"]))
        }
        return byRole.map {
            "\(words.role($0.role)) \($0.persons.joined(separator: words.listMark))"
        }
        .joined(separator: words.text(en: "; ", zh: "；"))
    }

    /// How far below the top of the card an edge meets the row of a record.
    func offset(of record: UInt64) -> Double {
        rows.first { $0.act?.record == record }.map { $0.top + 14 } ?? Card.headHeight / 2
    }

    func draw(_ place: GraphLayout.Point, _ svg: inout SVGWriter) {
        let (x, y) = (place.x, place.y)
        svg.box(
            x: x, y: y, width: size.width, height: size.height, fill: "#ffffff",
            stroke: "#52606d", radius: 6)
        svg.box(
            x: x, y: y, width: size.width, height: Card.headHeight - 4, fill: "#243b53", radius: 6)
        let room = size.width - 2 * Card.padding
        svg.text(
            SVGWriter.fitted(title, width: room, size: 13.5), x: x + Card.padding, y: y + 18,
            size: 13.5, fill: "#ffffff", weight: "bold")
        svg.text(
            SVGWriter.fitted(under, width: room, size: Card.small), x: x + Card.padding, y: y + 34,
            size: Card.small, fill: "#d9e2ec")
        for row in rows { draw(row, x, y, room, &svg) }
    }

    private func draw(
        _ row: Row, _ x: Double, _ y: Double, _ room: Double, _ svg: inout SVGWriter
    ) {
        let top = y + row.top
        if let fill = row.act.flatMap({ ActMark($0).fill }) {
            svg.box(
                x: x + 3, y: top, width: size.width - 6, height: row.height - 2, fill: fill,
                radius: 3)
        }
        svg.text(
            SVGWriter.fitted(row.title, width: room, size: Card.size), x: x + Card.padding,
            y: top + 15, size: Card.size, isStruck: row.act?.isWithdrawn ?? false)
        svg.text(
            SVGWriter.fitted(row.people, width: room, size: Card.small), x: x + Card.padding,
            y: top + 28, size: Card.small, fill: "#52606d")
        if let note = row.note {
            svg.text(
                SVGWriter.fitted(note, width: room, size: Card.small), x: x + Card.padding,
                y: top + 42, size: Card.small, fill: row.act.map { ActMark($0).ink } ?? "#52606d",
                weight: "bold")
        }
    }
}

private struct TracePicture {
    private let trace: Trace
    private let words: Wording
    private let graph: TraceGraph
    private let cards: [Card]
    private let layout: GraphLayout

    private static let margin = 28.0
    private static let headHeight = 74.0

    init(_ trace: Trace, _ words: Wording) {
        (self.trace, self.words) = (trace, words)
        let graph = TraceGraph(trace)
        let met = Set(graph.edges.flatMap { [$0.fromRecord, $0.toRecord] })
        let cards = zip(graph.cases, graph.acts).map { Card($0, $1, keeping: met, words) }
        (self.graph, self.cards) = (graph, cards)
        layout = GraphLayout(
            cards.map(\.size),
            graph.edges.map { edge in
                GraphLayout.Edge(
                    from: edge.from, to: edge.to,
                    fromOffset: cards[edge.from].offset(of: edge.fromRecord),
                    toOffset: cards[edge.to].offset(of: edge.toRecord))
            })
    }

    var text: String {
        let margin = TracePicture.margin
        let width = max(layout.width, 900) + 2 * margin
        let legendTop = TracePicture.headHeight + layout.height + 2 * margin
        let height = legendTop + 64
        var svg = SVGWriter()
        svg.add(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width))" height="\(Int(height))" \
            viewBox="0 0 \(Int(width)) \(Int(height))" font-family="\(SVGWriter.fonts)">
            <defs>
            """)
        for kind in LinkKind.allCases { svg.add(marker(kind)) }
        svg.add("</defs>")
        svg.box(x: 0, y: 0, width: width, height: height, fill: "#f5f7fa")
        drawHead(&svg)
        drawEdges(&svg)
        for (card, place) in zip(cards, layout.places) { card.draw(moved(place), &svg) }
        drawLabels(&svg)
        drawLegend(legendTop, &svg)
        return svg.body + "</svg>"
    }

    private func moved(_ point: GraphLayout.Point) -> GraphLayout.Point {
        GraphLayout.Point(
            x: point.x + TracePicture.margin,
            y: point.y + TracePicture.headHeight + TracePicture.margin)
    }

    private func drawHead(_ svg: inout SVGWriter) {
        let margin = TracePicture.margin
        let from = name(of: trace.cases.first { $0.depth == 0 })
        svg.text(
            words.text(en: "Traced back from \(from)", zh: "责任倒查：\(from)"), x: margin, y: 38,
            size: 20, weight: "bold")
        var parts = [
            trace.head.origin,
            words.text(en: "\(trace.head.size) records", zh: "\(trace.head.size) 条记录"),
            words.text(
                en: "as of \(words.local(trace.head.moment))",
                zh: "截至 \(words.local(trace.head.moment))"),
            words.text(en: "root hash \(trace.head.root)", zh: "根哈希 \(trace.head.root)"),
        ]
        if trace.cuts.isCut { parts.append(words.text(en: "CUT", zh: "已截断")) }
        svg.text(parts.joined(separator: " · "), x: margin, y: 60, size: 11, fill: "#52606d")
    }

    private func name(of one: TracedCase?) -> String {
        guard let one else { return "" }
        return "\(one.procedure[words.language]) \(one.title) \(one.stream)"
    }

    // MARK: - Edges

    private func drawEdges(_ svg: inout SVGWriter) {
        for (edge, way) in zip(graph.edges, layout.ways) {
            let kind = edge.kinds[0]
            svg.curve(
                way.map(moved), stroke: kind.colour, isDashed: kind == .enterprise,
                marker: "to-\(kind.rawValue)")
        }
    }

    /// Each label in the first gap that its edge crosses, where no other label is.
    private func drawLabels(_ svg: inout SVGWriter) {
        var taken: [(x: ClosedRange<Double>, y: Double)] = []
        for (edge, way) in zip(graph.edges, layout.ways) {
            let text = edge.kinds.map { words.link($0) }.joined(separator: " / ")
            let width = SVGWriter.width(text) * 11
            let (from, to) = (moved(way[0]), moved(way[1]))
            let spots = [0.45, 0.3, 0.6, 0.2, 0.75].map { share in
                let ease = share * share * (3 - 2 * share)
                let middle = from.x + (to.x - from.x) * share
                return GraphLayout.Point(
                    x: middle - width / 2, y: from.y + (to.y - from.y) * ease - 4)
            }
            let spot = spots.first { spot in
                !taken.contains { other in
                    other.x.overlaps(spot.x...(spot.x + width)) && abs(other.y - spot.y) < 13
                }
            }
            guard let place = spot ?? spots.first else { continue }
            taken.append((place.x...(place.x + width), place.y))
            svg.text(
                text, x: place.x, y: place.y, size: 11, fill: edge.kinds[0].colour,
                hasHalo: true)
        }
    }

    private func marker(_ kind: LinkKind) -> String {
        """
        <marker id="to-\(kind.rawValue)" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" \
        markerHeight="7" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="\(kind.colour)"/></marker>
        """
    }

    // MARK: - Legend

    private func drawLegend(_ top: Double, _ svg: inout SVGWriter) {
        var x = TracePicture.margin
        let marks: [(String, Phrase)] = [
            ("#ffd6d6", Phrase(en: "the outcome", zh: "结果")),
            ("#ffe3bf", Phrase(en: "a rule broken or a duty missed", zh: "违规或失职的审计发现")),
            ("#e6dcff", Phrase(en: "dissent", zh: "不同意见")),
            ("#fff6b3", Phrase(en: "entered after the outcome", zh: "案发后补录")),
            ("#e4e4e4", Phrase(en: "withdrawn or withheld", zh: "已撤回或遮蔽")),
        ]
        for (colour, title) in marks {
            svg.box(
                x: x, y: top, width: 22, height: 14, fill: colour, stroke: "#9aa5b1", radius: 3)
            svg.text(title[words.language], x: x + 28, y: top + 11.5, size: 11.5)
            x += 28 + SVGWriter.width(title[words.language]) * 11.5 + 26
        }
        x = TracePicture.margin
        for kind in LinkKind.allCases where kind != .referring {
            let y = top + 32
            svg.curve(
                [GraphLayout.Point(x: x, y: y), GraphLayout.Point(x: x + 34, y: y)],
                stroke: kind.colour, isDashed: kind == .enterprise, marker: "to-\(kind.rawValue)")
            svg.text(words.link(kind), x: x + 40, y: y + 4, size: 11.5)
            x += 40 + SVGWriter.width(words.link(kind)) * 11.5 + 26
        }
        svg.text(
            words.text(en: "An arrow leads from the earlier to the later.", zh: "箭头由先到后。"),
            x: x, y: top + 36, size: 11.5, fill: "#52606d")
    }
}

extension LinkKind {
    fileprivate var colour: String {
        switch self {
        case .joined: "#127a3b"
        case .cause: "#b42318"
        case .reference, .referring: "#1d5fbf"
        case .enterprise: "#7b8794"
        }
    }
}
