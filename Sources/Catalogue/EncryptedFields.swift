package import CanonicalJSON
package import Phrases

/// How values of the classes `sensitive` and `sealed` are judged: Specs/sealing.md section 11.
package enum EncryptedFields: Sendable {
    /// The ledger has no vault: they are not to be there.
    case refused
    /// They are in clear, and are sealed afterwards; a refusal does not repeat them.
    case clear
    /// They have been sealed: a box stands in place of each.
    case boxed

    package static let needsVault = Phrase(
        en: "recorded only encrypted, and the ledger has no vault: make one with hanqing vault "
            + "init and hanqing vault holder add, or leave it out",
        zh: "该字段只能加密入账，而本账本没有密钥库：请先用 hanqing vault init 和 hanqing vault holder add "
            + "设立，或勿填写")
}

extension JSONView {
    /// Whether it looks like a box; what is in it, Sealing knows.
    var isBox: Bool {
        guard kind == .object, count == 1, let sealed = self["sealed"] else { return false }
        return sealed.kind == .object && sealed.count == 4
    }

    /// The member that the catalogue calls `name`.
    package func member(_ name: String) -> JSONView? {
        members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}

/// Who holds the keys to an event's sealed values, if not those of the fields' classes.
package struct SealingRule: Hashable, Sendable {
    /// A group of holders, such as `outside`.
    package let group: String
    /// The field, true or false, in clear, whose `true` makes it so; nil for always.
    package let when: String?

    /// As that of a holder's group in a vault.
    static let groupByteCountMax = 32
}

extension EventType {
    /// Who holds the keys to a value of class `readingClass` in `data`: Specs/catalogue.md
    /// section 5.
    package func holders(of readingClass: ReadingClass, in data: JSONView) -> String {
        guard let sealing else { return readingClass.rawValue }
        guard let when = sealing.when else { return sealing.group }
        return data.member(when)?.bool == true ? sealing.group : readingClass.rawValue
    }
}
