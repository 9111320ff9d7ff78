import CanonicalJSON
import Catalogue
import Records

/// What a part of an expression comes to.
enum Value: Hashable, Sendable {
    case missing
    case boolean(Bool)
    /// An IEEE 754 double, as JSON's numbers are.
    case number(Double)
    case text(String)
    /// Days since 1970-01-01.
    case date(Int)
    case instant(Timestamp)
    case list([Value])
    /// There, but nothing that could be compared.
    case whole

    /// 2^53: every whole number up to here is exact.
    static let numberMax: Double = 9_007_199_254_740_992
    /// Years 1900 to 9999.
    static let dates = -25_567...2_932_896

    /// The result of a calculation, unless it is so large that it may have been rounded.
    init(result: Double) {
        self = result.magnitude < Value.numberMax ? .number(result) : .missing
    }

    init(date: Int) {
        self = Value.dates.contains(date) ? .date(date) : .missing
    }

    init(_ truth: Truth) {
        self = truth == .unknown ? .missing : .boolean(truth == .true)
    }

    var truth: Truth {
        if case .boolean(let value) = self { Truth(value) } else { .unknown }
    }

    var isEmpty: Bool {
        switch self {
        case .missing: true
        case .text(let text): text.isEmpty
        case .list(let values): values.isEmpty
        default: false
        }
    }
}

extension Value {
    /// The value of a field of `type`.
    ///
    /// What was recorded under an earlier catalogue may have another type: it is there, and that is
    /// all that can be said of it.
    init(_ json: JSONValue?, _ type: ValueType) {
        guard let json, json != .null else {
            self = .missing
            return
        }
        guard type.isList, let elements = json.array else {
            self = type.isList ? .whole : Value(single: json, type)
            return
        }
        let values = elements.map { Value(single: $0, type) }
        self = type.kind != .whole && values.contains(.whole) ? .whole : .list(values)
    }

    private init(single json: JSONValue, _ type: ValueType) {
        self = Value.read(json, type) ?? .whole
    }

    private static func read(_ json: JSONValue, _ type: ValueType) -> Value? {
        switch type.kind {
        case .number: number(json)
        case .boolean: json.bool.map { .boolean($0) }
        case .text: json.string.map { .text(type.isDocumentNumber ? normalised($0) : $0) }
        case .person: json.string.map { .text($0) }
        case .date: json.string.flatMap { date($0) }
        case .instant: json.string.flatMap { instant($0) }
        case .reference: reference(json)
        case .whole: nil
        }
    }

    private static func number(_ json: JSONValue) -> Value? {
        switch json {
        case .integer(let value): .number(Double(value))
        case .number(let value): .number(value)
        default: nil
        }
    }

    static func normalised(_ text: String) -> String { DocumentNumber.normalised(text) }

    static func date(_ text: String) -> Value? {
        CivilDateText.read(text).map { .date($0.dayNumber) }
    }

    static func instant(_ text: String) -> Value? {
        var text = text
        return text.withUTF8 { ZonedTime(UnsafeRawBufferPointer($0)) }.map { .instant($0.moment) }
    }

    /// A stream of this ledger, or of another that is named: `stream` and `origin`.
    private static func reference(_ json: JSONValue) -> Value? {
        if let stream = json.string { return .text(stream) }
        guard let origin = json["origin"]?.string, let stream = json["stream"]?.string else {
            return nil
        }
        return .text("\(stream) \(origin)")
    }
}

// MARK: - Comparing

extension Value {
    /// Whether `left` stands in `relation` to `right`; unknown where either is missing.
    static func judge(_ relation: Syntax.Relation, _ left: Value, _ right: Value) -> Truth {
        switch relation {
        case .equal: isEqual(left, right)
        case .unequal: !isEqual(left, right)
        case .less: isLess(left, right)
        case .greater: isLess(right, left)
        case .lessOrEqual: !isLess(right, left)
        case .greaterOrEqual: !isLess(left, right)
        case .isIn: contains(right, left)
        case .has: contains(left, right)
        case .hasAny: overlaps(left, right)
        }
    }

    /// Texts are equal if their bytes are.
    private static func isEqual(_ left: Value, _ right: Value) -> Truth {
        switch (left, right) {
        case (.boolean(let left), .boolean(let right)): Truth(left == right)
        case (.number(let left), .number(let right)): Truth(left == right)
        case (.text(let left), .text(let right)): Truth(left.utf8.elementsEqual(right.utf8))
        case (.date(let left), .date(let right)): Truth(left == right)
        case (.instant(let left), .instant(let right)): Truth(left == right)
        default: .unknown
        }
    }

    private static func isLess(_ left: Value, _ right: Value) -> Truth {
        switch (left, right) {
        case (.number(let left), .number(let right)): Truth(left < right)
        case (.date(let left), .date(let right)): Truth(left < right)
        case (.instant(let left), .instant(let right)): Truth(left < right)
        default: .unknown
        }
    }

    private static func contains(_ list: Value, _ value: Value) -> Truth {
        guard case .list(let elements) = list else { return .unknown }
        return elements.reduce(.false) { $0 || isEqual($1, value) }
    }

    private static func overlaps(_ left: Value, _ right: Value) -> Truth {
        guard case .list(let elements) = left else { return .unknown }
        return elements.reduce(.false) { $0 || contains(right, $1) }
    }
}
