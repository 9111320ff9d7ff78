import Phrases

extension Trace {
    /// A graph for Graphviz: a cluster a case, a node an entry.
    package func dot(_ words: Wording) -> String {
        var lines = [
            "digraph trace {", "  rankdir=LR;", "  compound=true;",
            "  node [shape=box, style=\"rounded,filled\", fillcolor=white];",
        ]
        for (place, one) in cases.enumerated() {
            let title = "\(one.procedure[words.language]) \(one.title)\n\(one.stream)"
            lines.append("  subgraph cluster_\(place) {")
            lines.append("    label=\(DOTText.quoted(title));")
            let own = acts.filter { $0.stream == one.stream }
            for act in own { lines.append("    \(node(act, words));") }
            let chain = own.map { "n\($0.record)" }
            if chain.count > 1 {
                lines.append("    \(chain.joined(separator: " -> ")) [style=invis];")
            }
            lines.append("  }")
        }
        for edge in TraceGraph(self).edges {
            let label = DOTText.quoted(edge.kinds.map { words.link($0) }.joined(separator: " / "))
            let style = edge.kinds == [.enterprise] ? ", style=dashed" : ""
            lines.append("  n\(edge.fromRecord) -> n\(edge.toRecord) [label=\(label)\(style)];")
        }
        lines.append("}")
        return lines.joined(separator: "\n")
    }

    private func node(_ act: Act, _ words: Wording) -> String {
        let mark = ActMark(act)
        var label = "#\(act.record) \(words.day(act.day)) \(act.title[words.language])"
        if let note = mark.note(words) { label += "\n" + note }
        let fill = mark.fill.map { ", fillcolor=\(DOTText.quoted($0))" } ?? ""
        return "n\(act.record) [label=\(DOTText.quoted(label))\(fill)]"
    }
}

enum DOTText {
    /// A quoted identifier: quotes and backslashes are escaped, line feeds are DOT's own.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n", "\r": result += "\\n"
            case let other where other.value < 0x20: result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }
}
