/// Charts as inline SVG; each value stands beside its bar, so that colour says nothing alone.
enum Chart {
    /// Bars one below the other, each with parts that follow each other.
    static func bars(
        _ rows: [(label: String, parts: [(value: Int, colour: Colour)])], labelWidth: Int = 220
    ) -> Markup {
        let (width, valueWidth, height) = (900, 110, 26)
        let room = width - labelWidth - valueWidth
        let most = max(1, rows.map { $0.parts.reduce(0) { $0 + $1.value } }.max() ?? 1)
        let bars = rows.enumerated().map { place, row -> Markup in
            let top = place * height
            var left = labelWidth
            var bar: Markup = """
                <text x="\(labelWidth - 10)" y="\(top + 17)" text-anchor="end">\
                \(short(row.label, labelWidth))</text>
                """
            for part in row.parts where part.value > 0 {
                let length = max(1, part.value * room / most)
                bar += """
                    <rect x="\(left)" y="\(top + 5)" width="\(length)" height="16" \
                    fill="\(part.colour.markup)"/>
                    """
                left += length
            }
            let values = row.parts.map { String($0.value) }.joined(separator: " + ")
            bar += "<text class=\"soft\" x=\"\(left + 8)\" y=\"\(top + 17)\">\(values)</text>\n"
            return bar
        }
        return svg(width, max(1, rows.count) * height, bars.joined())
    }

    /// As much of a label as has room: a Han character is as wide as two letters.
    private static func short(_ label: String, _ width: Int) -> String {
        var room = (width - 10) / 6 - 2
        let fits = label.prefix { character in
            room -= character.isASCII ? 1 : 2
            return room >= 0
        }
        return fits.count == label.count ? label : fits + "…"
    }

    /// Columns side by side, for months.
    static func columns(_ values: [(label: String, value: Int)]) -> Markup {
        let (width, height, top, bottom) = (900, 190, 20, 24)
        let most = max(1, values.map(\.value).max() ?? 1)
        let step = width / max(1, values.count)
        let columns = values.enumerated().map { place, item -> Markup in
            let length = item.value * (height - top - bottom) / most
            let (left, middle) = (place * step + step / 6, place * step + step / 2)
            let y = height - bottom - length
            return """
                <rect x="\(left)" y="\(y)" width="\(step * 2 / 3)" height="\(length)" \
                fill="\(Colour.blue.markup)"/>
                <text class="soft" x="\(middle)" y="\(y - 5)" text-anchor="middle">\
                \(item.value)</text>
                <text x="\(middle)" y="\(height - 7)" text-anchor="middle">\(item.label)</text>

                """
        }
        return svg(width, height, columns.joined())
    }

    /// A key to the colours.
    static func key(_ items: [(String, Colour)]) -> Markup {
        let words = items.map { word, colour -> Markup in
            """
            <span class="nowrap"><span style="color:\(colour.markup)">■</span> \
            \(word)</span>\u{2003}
            """
        }
        return "<p class=\"soft\">\(words.joined())</p>\n"
    }

    enum Colour {
        case blue, pale, red, green, amber, grey

        var markup: Markup {
            switch self {
            case .blue: "#2f6fae"
            case .pale: "#a9c4df"
            case .red: "#c4473f"
            case .green: "#3d8b63"
            case .amber: "#d29a2e"
            case .grey: "#a3adb8"
            }
        }
    }

    private static func svg(_ width: Int, _ height: Int, _ content: Markup) -> Markup {
        """
        <svg viewBox="0 0 \(width) \(height)" role="img" xmlns="http://www.w3.org/2000/svg">
        \(content)</svg>

        """
    }
}
