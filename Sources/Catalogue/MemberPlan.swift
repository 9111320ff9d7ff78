import CanonicalJSON
import Phrases

/// What one member of an object must be: plain data, so that checking it counts no references.
struct MemberCheck: BitwiseCopyable {
    var nameStart = 0
    var nameCount = 0
    var type = FieldType.string
    var isList = false
    var isRequired = false
    var isEncrypted = false
    var isNotOperator = false
    var itemsMax = Field.itemsMaxDefault
    var bytesMax = 0
    var minimum = -Field.integerMax
    var maximum = Field.integerMax
    /// Place of its words in ``MemberPlan/words``, or −1.
    var words = -1
    /// Place of its members in ``MemberPlan/nested``, or −1.
    var nested = -1
}

/// What an object of the data may hold: a type's fields compiled for checking bytes.
final class MemberPlan: Sendable {
    private let names: [UInt8]
    let checks: [MemberCheck]
    let words: [WordList]
    let nested: [MemberPlan]
    let titles: [Phrase]
    /// The checks whose members must be there, one bit each.
    let required: UInt64

    /// The plan of a type's data: its fields and the uniform members.
    convenience init(_ fields: [Field], uniform: UniformMembers, needs: Set<UniformMember>) {
        var shared = UniformMember.allCases.filter { !$0.mends || needs.contains($0) }
            .map { uniform[$0] }
        for place in shared.indices
        where needs.contains(where: { $0.rawValue == shared[place].name }) {
            shared[place].isRequired = true
        }
        self.init(shared + fields, uniform: uniform)
    }

    init(_ fields: [Field], uniform: UniformMembers?) {
        var builder = MemberPlanBuilder()
        for field in fields { builder.add(field, uniform) }
        names = builder.names
        checks = builder.checks
        words = builder.words
        nested = builder.nested
        titles = fields.map(\.title)
        var required: UInt64 = 0
        for (place, check) in builder.checks.enumerated() where check.isRequired {
            required |= 1 << UInt64(place)
        }
        self.required = required
    }

    /// The place of the check for the member called `name`, or −1.
    func place(of name: UnsafeRawBufferPointer) -> Int {
        names.withUnsafeBufferPointer { names in
            checks.withUnsafeBufferPointer { checks in
                for place in 0..<checks.count where checks[place].nameCount == name.count {
                    let start = checks[place].nameStart
                    var index = 0
                    while index < name.count, names[start + index] == name[index] { index += 1 }
                    if index == name.count { return place }
                }
                return -1
            }
        }
    }

    func name(_ place: Int) -> String {
        let check = checks[place]
        return String(
            decoding: names[check.nameStart..<check.nameStart + check.nameCount], as: UTF8.self)
    }
}

private struct MemberPlanBuilder {
    var names: [UInt8] = []
    var checks: [MemberCheck] = []
    var words: [WordList] = []
    var nested: [MemberPlan] = []

    mutating func add(_ field: Field, _ uniform: UniformMembers?) {
        var check = MemberCheck()
        (check.nameStart, check.nameCount) = (names.count, field.name.utf8.count)
        names.append(contentsOf: field.name.utf8)
        check.type = field.type
        check.isList = field.isList
        check.isRequired = field.isRequired
        check.isEncrypted = field.readingClass.isEncrypted
        check.isNotOperator = field.isNotOperator
        (check.itemsMax, check.bytesMax) = (field.itemsMax, field.bytesMax)
        (check.minimum, check.maximum) = (field.minimum, field.maximum)
        let ownWords = field.procedure.map { [$0] } ?? field.values
        if !ownWords.isEmpty {
            check.words = words.count
            words.append(WordList(ownWords))
        }
        if let plan = plan(field, uniform) {
            check.nested = nested.count
            nested.append(plan)
        }
        checks.append(check)
    }

    private func plan(_ field: Field, _ uniform: UniformMembers?) -> MemberPlan? {
        switch field.type {
        case .organisation: uniform?.organisation
        case .target: uniform?.target
        case .reference: uniform?.reference
        case .record where !field.members.isEmpty: MemberPlan(field.members, uniform: uniform)
        default: nil
        }
    }
}

/// Words that a value may be, compared as bytes.
struct WordList: Sendable {
    private let words: [[UInt8]]

    init(_ words: [String]) {
        self.words = words.map { Array($0.utf8) }
    }

    func contains(_ text: UnsafeRawBufferPointer) -> Bool {
        for word in words where areSame(text, word) { return true }
        return false
    }

    var texts: [String] { words.map { String(decoding: $0, as: UTF8.self) } }
}
