/// Text and shapes of SVG 1.1, escaped; sizes of text without a font at hand.
struct SVGWriter {
    private(set) var body = ""

    static let fonts =
        "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',"
        + "'WenQuanYi Zen Hei',sans-serif"

    mutating func text(
        _ text: String, x: Double, y: Double, size: Double, fill: String = "#1f2933",
        weight: String? = nil, isStruck: Bool = false, hasHalo: Bool = false
    ) {
        var attributes = "x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\""
        attributes += " fill=\"\(fill)\""
        if let weight { attributes += " font-weight=\"\(weight)\"" }
        if isStruck { attributes += " text-decoration=\"line-through\"" }
        if hasHalo {
            attributes +=
                " stroke=\"#ffffff\" stroke-width=\"4\" paint-order=\"stroke\""
                + " stroke-linejoin=\"round\""
        }
        body += "<text \(attributes)>\(SVGWriter.escaped(text))</text>\n"
    }

    mutating func box(
        x: Double, y: Double, width: Double, height: Double, fill: String,
        stroke: String? = nil, radius: Double = 0
    ) {
        let edge = stroke.map { " stroke=\"\($0)\"" } ?? ""
        body +=
            "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\""
            + " height=\"\(number(height))\" rx=\"\(number(radius))\" fill=\"\(fill)\"\(edge)/>\n"
    }

    /// A curve through these points, level where it meets them.
    mutating func curve(
        _ points: [GraphLayout.Point], stroke: String, isDashed: Bool, marker: String
    ) {
        guard let first = points.first else { return }
        var path = "M\(number(first.x)) \(number(first.y))"
        for (from, to) in zip(points, points.dropFirst()) {
            if from.y == to.y {
                path += " L\(number(to.x)) \(number(to.y))"
            } else {
                let middle = number((from.x + to.x) / 2)
                path +=
                    " C\(middle) \(number(from.y)) \(middle) \(number(to.y))"
                    + " \(number(to.x)) \(number(to.y))"
            }
        }
        let dash = isDashed ? " stroke-dasharray=\"6 4\"" : ""
        body +=
            "<path d=\"\(path)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"1.6\"\(dash)"
            + " marker-end=\"url(#\(marker))\"/>\n"
    }

    mutating func add(_ markup: String) { body += markup + "\n" }

    private func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        return tenths.truncatingRemainder(dividingBy: 10) == 0
            ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }

    // MARK: - Text

    /// What XML 1.0 does not admit is left out.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result += " "
            default:
                let value = scalar.value
                if value >= 0x20, value != 0xFFFE, value != 0xFFFF {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// How wide a text of size 1 is, about: a Han character is as wide as high.
    static func width(_ text: String) -> Double {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x0300...0x036F, 0xFE00...0xFE0F: sum
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
                0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
                sum + 1
            case 0x41...0x5A, 0x4D, 0x57: sum + 0.68
            case 0x69, 0x6A, 0x6C, 0x2E, 0x2C, 0x3A, 0x3B, 0x27, 0x7C, 0x20: sum + 0.3
            default: sum + 0.58
            }
        }
    }

    /// As much of the text as fits.
    static func fitted(_ text: String, width: Double, size: Double) -> String {
        guard self.width(text) * size > width else { return text }
        var kept = Substring(text)
        while !kept.isEmpty, (self.width(String(kept)) + 1) * size > width { kept.removeLast() }
        return kept + "…"
    }
}
