/// Pseudonymous ids of persons: `[A-Za-z][A-Za-z0-9-]{0,63}`, Specs/record.md section 3.
struct PersonNames {
    /// More persons than this in one file are not persons.
    private static let countMax = 1_000_000

    /// What the file called each, to notice two who would become one.
    private var originals: [String: String] = [:]
    /// What was made of each, because a file names the same few persons again and again.
    private var made: [String: Made] = [:]

    private struct Made {
        let prefix: String
        let name: String
    }

    /// The id of the person whom the file calls `original`.
    ///
    /// A space, point or underscore becomes `-`. A name in other characters is not turned into an
    /// id: a pseudonym that spells the name is none.
    mutating func name(for original: String, prefix: String) throws(RowRefusal) -> String {
        if let made = made[original], made.prefix == prefix { return made.name }
        let name = try newName(for: original, prefix: prefix)
        made[original] = Made(prefix: prefix, name: name)
        return name
    }

    private mutating func newName(
        for original: String, prefix: String
    ) throws(RowRefusal) -> String {
        let name = prefix + String(original.map { " ._".contains($0) ? "-" : $0 })
        guard PersonName.isSound(name) else {
            throw RowRefusal(
                .invalidPerson,
                en: "\"\(original)\" cannot be a pseudonymous id (letters, digits and -); "
                    + "give a prefix or a table of values in the mapping",
                zh: "“\(original)”不能作为人员代号（字母、数字和 -），请在映射中写明 prefix 或 values")
        }
        if let known = originals[name] {
            guard known == original else { throw collision(known, original, name) }
            return name
        }
        guard originals.count < PersonNames.countMax else {
            throw RowRefusal(
                .invalidPerson, en: "more than a million different persons", zh: "人员超过一百万")
        }
        originals[name] = original
        return name
    }

    private func collision(_ one: String, _ other: String, _ name: String) -> RowRefusal {
        RowRefusal(
            .invalidPerson,
            en: "\"\(one)\" and \"\(other)\" would both be the person \(name); "
                + "give a table of values in the mapping",
            zh: "“\(one)”和“\(other)”会成为同一人员 \(name)，请在映射中写明 values")
    }
}

enum PersonName {
    static func isSound(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else {
            return false
        }
        return text.utf8.allSatisfy {
            isLetter($0) || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26
    }
}
