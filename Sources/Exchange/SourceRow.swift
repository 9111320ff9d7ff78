/// The names of a file's attributes, numbered in the order in which they are met.
///
/// A mapping names some in advance, so that they have the same numbers in every file.
struct NameTable: Sendable {
    /// A file with more different names is not a table of events.
    static let countMax = 4_096

    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]

    /// The number of `name`; nil when there are too many.
    mutating func number(_ name: String) -> Int? {
        if let number = numbers[name] { return number }
        guard names.count < NameTable.countMax else { return nil }
        numbers[name] = names.count
        names.append(name)
        return names.count - 1
    }
}

/// One event of a file as the file has it: texts by the number of their attribute's name.
struct SourceRow {
    var place = SourcePlace(line: 0)
    /// What is wrong with the row before anything is mapped.
    var fault: RowRefusal?
    private(set) var names: NameTable
    /// Numbers of the names that have a value here, in the order of the file.
    private(set) var present: [Int] = []
    private var values: [String?]

    /// A value longer than this cannot stand in a record.
    static let valueBytesMax = 65_535

    init(_ names: NameTable) {
        self.names = names
        values = Array(repeating: nil, count: names.names.count)
    }

    subscript(_ number: Int) -> String? {
        number < values.count ? values[number] : nil
    }

    mutating func clear() {
        for number in present { values[number] = nil }
        present.removeAll(keepingCapacity: true)
        fault = nil
    }

    mutating func number(_ name: String) -> Int? {
        let number = names.number(name)
        if names.names.count > values.count { values.append(nil) }
        if number == nil {
            fail("more than \(NameTable.countMax) attributes", "属性超过 \(NameTable.countMax) 个")
        }
        return number
    }

    /// Sets an attribute; an empty text is none.
    mutating func set(_ number: Int, _ value: String) {
        guard !value.isEmpty else { return }
        let name = names.names[number]
        if values[number] != nil {
            return fail("the attribute \"\(name)\" is given twice", "属性“\(name)”出现两次")
        }
        if value.utf8.count > SourceRow.valueBytesMax {
            fail(
                "the value of \"\(name)\" is longer than 65,535 bytes",
                "“\(name)”的值超过 65535 字节")
        }
        values[number] = value
        present.append(number)
    }

    mutating func set(_ name: String, _ value: String) {
        if let number = number(name) { set(number, value) }
    }

    mutating func fail(_ en: String, _ zh: String) {
        if fault == nil { fault = RowRefusal(.malformed, en: en, zh: zh) }
    }
}

/// Reads a file row by row.
protocol RowReader {
    /// Gives each row to `body` until it answers false or the file ends.
    func read(_ body: (inout SourceRow) -> Bool) throws(ImportError)
}
