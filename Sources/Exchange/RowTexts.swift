/// What the texts of a mapping say of one row.
struct RowTexts {
    let row: SourceRow
    let absent: Set<String>
    /// The place of the row in the file, from 1.
    let rowNumber: Int
    var caseName: CaseNames.Name?

    /// The text of `source`, nil where the row has none.
    func text(_ source: TextSource) throws(RowRefusal) -> String? {
        guard let found = text(source.pattern) else { return source.otherwise }
        guard let values = source.values else { return found }
        if let value = values[found] { return value }
        throw RowRefusal(
            .invalidValue,
            en: "\"\(found)\" is not in the mapping's table for \(name(source)); add it there",
            zh: "映射中 \(name(source)) 的对照表没有“\(found)”，请补充")
    }

    /// The text of `pattern`; nil if an attribute in it is absent.
    func text(_ pattern: TextPattern) -> String? {
        if pattern.segments.count == 1, case .attribute(let number) = pattern.segments[0] {
            return attribute(number)
        }
        var text = ""
        for segment in pattern.segments {
            switch segment {
            case .words(let words): text += words
            case .attribute(let number):
                guard let value = attribute(number) else { return nil }
                text += value
            case .caseID: text += caseName?.text ?? ""
            case .numberInCase: text += String(caseName?.number ?? 0)
            case .rowNumber: text += String(rowNumber)
            }
        }
        return text
    }

    func need(_ source: TextSource, for what: String) throws(RowRefusal) -> String {
        if let text = try text(source) { return text }
        throw missing(source.pattern, what)
    }

    func need(_ pattern: TextPattern, for what: String) throws(RowRefusal) -> String {
        if let text = text(pattern), !text.isEmpty { return text }
        throw missing(pattern, what)
    }

    private func attribute(_ number: Int) -> String? {
        guard let value = row[number] else { return nil }
        return absent.isEmpty || !absent.contains(value) ? value : nil
    }

    private func missing(_ pattern: TextPattern, _ what: String) -> RowRefusal {
        let names = pattern.attributes.filter { attribute($0) == nil }
            .map { row.names.names[$0] }.joined(separator: ", ")
        return RowRefusal(
            .missing, en: "\(names) is missing, needed for \(what)", zh: "缺少 \(names)，\(what) 需要")
    }

    private func name(_ source: TextSource) -> String {
        source.pattern.attributes.map { row.names.names[$0] }.joined(separator: ", ")
    }
}
