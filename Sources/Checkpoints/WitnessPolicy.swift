package import Phrases

/// Whose signatures a checkpoint needs (c2sp.org/tlog-policy): one of these logs', and the
/// cosignatures of a quorum of these witnesses.
package struct WitnessPolicy: Hashable, Sendable {
    package struct Log: Hashable, Sendable {
        package let key: VerifierKey
        package let url: String?
    }

    package struct Witness: Hashable, Sendable {
        /// What the policy calls it; its key has a name of its own.
        package let name: String
        package let key: VerifierKey
        /// Its submission prefix.
        package let url: String?
    }

    /// A rule over witnesses.
    indirect enum Rule: Hashable, Sendable {
        case nobody
        case witness(VerifierKey)
        case atLeast(Int, [Rule])
    }

    package let logs: [Log]
    package let witnesses: [Witness]
    let quorum: Rule

    /// The keys by which a log may sign.
    package var logKeys: [VerifierKey] { logs.map(\.key) }
    package var witnessKeys: [VerifierKey] { witnesses.map(\.key) }

    /// Whether these cosigners are enough.
    package func isMet(by cosigners: some Collection<VerifierKey>) -> Bool {
        WitnessPolicy.holds(quorum, Set(cosigners))
    }

    /// Who has cosigned, where that is not enough.
    package func unmet(by cosigners: some Collection<VerifierKey>) -> Phrase {
        let names = witnesses.filter { cosigners.contains($0.key) }.map(\.name)
        let en = names.isEmpty ? "none" : names.joined(separator: ", ")
        let zh = names.isEmpty ? "无" : names.joined(separator: "、")
        return Phrase(
            en: "the policy's quorum of witnesses is not met; cosigned by: \(en)",
            zh: "未达到见证策略要求的见证人数；已联署：\(zh)")
    }

    private static func holds(_ rule: Rule, _ cosigners: Set<VerifierKey>) -> Bool {
        switch rule {
        case .nobody: true
        case .witness(let key): cosigners.contains(key)
        case .atLeast(let count, let members):
            members.count { holds($0, cosigners) } >= count
        }
    }
}

extension WitnessPolicy {
    /// Reads a policy file.
    package init(_ bytes: some Collection<UInt8>) throws(PolicyError) {
        guard let text = WordLines(bytes) else { throw PolicyError(line: nil, .notText) }
        var reader = PolicyReader()
        for line in text.lines {
            do throws(PolicyError.Reason) {
                try reader.take(line.words)
            } catch {
                throw PolicyError(line: line.number, error)
            }
        }
        guard let quorum = reader.quorum else { throw PolicyError(line: nil, .noQuorum) }
        (logs, witnesses, self.quorum) = (reader.logs, reader.witnesses, quorum)
    }
}

/// What was read so far.
private struct PolicyReader {
    typealias Word = WordLines.Word

    var logs: [WitnessPolicy.Log] = []
    var witnesses: [WitnessPolicy.Witness] = []
    var quorum: WitnessPolicy.Rule?
    /// Names are bytes, whatever they look like.
    private var rules: [[UInt8]: WitnessPolicy.Rule] = [:]
    private var members: Set<[UInt8]> = []

    private static let none = Array("none".utf8)
    /// Of groups within groups, so that judging them needs little room.
    private static let groupCountMax = 1_000
    private var groupCount = 0

    mutating func take(_ words: [Word]) throws(PolicyError.Reason) {
        let rest = Array(words.dropFirst())
        switch String(decoding: words[0], as: UTF8.self) {
        case "log": try takeLog(rest)
        case "witness": try takeWitness(rest)
        case "group": try takeGroup(rest)
        case "quorum": try takeQuorum(rest)
        default: throw .unknownWord
        }
    }

    private mutating func takeLog(_ words: [Word]) throws(PolicyError.Reason) {
        guard (1...2).contains(words.count) else { throw .wrongWordCount }
        let key = try PolicyReader.key(words[0], .ed25519)
        guard !logs.contains(where: { $0.key.publicKey == key.publicKey })
        else { throw .repeatedKey }
        logs.append(WitnessPolicy.Log(key: key, url: PolicyReader.url(words.dropFirst())))
    }

    private mutating func takeWitness(_ words: [Word]) throws(PolicyError.Reason) {
        guard (2...3).contains(words.count) else { throw .wrongWordCount }
        let key = try PolicyReader.key(words[1], .cosignature)
        guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey })
        else { throw .repeatedKey }
        try define(words[0], .witness(key))
        witnesses.append(
            WitnessPolicy.Witness(
                name: String(decoding: words[0], as: UTF8.self), key: key,
                url: PolicyReader.url(words.dropFirst(2))))
    }

    private mutating func takeGroup(_ words: [Word]) throws(PolicyError.Reason) {
        guard words.count >= 3, groupCount < PolicyReader.groupCountMax
        else { throw .wrongWordCount }
        groupCount += 1
        var rules: [WitnessPolicy.Rule] = []
        for word in words[2...] {
            guard let rule = self.rules[Array(word)] else { throw .unknownName }
            guard members.insert(Array(word)).inserted else { throw .repeatedMember }
            rules.append(rule)
        }
        let count: Int
        switch String(decoding: words[1], as: UTF8.self) {
        case "all": count = rules.count
        case "any": count = 1
        case let text:
            guard let number = Int(text), "\(number)" == text, (1...rules.count).contains(number)
            else { throw .badThreshold }
            count = number
        }
        try define(words[0], .atLeast(count, rules))
    }

    private mutating func takeQuorum(_ words: [Word]) throws(PolicyError.Reason) {
        guard words.count == 1 else { throw .wrongWordCount }
        guard quorum == nil else { throw .repeatedQuorum }
        let name = Array(words[0])
        guard let rule = name == PolicyReader.none ? .nobody : rules[name]
        else { throw .unknownName }
        quorum = rule
    }

    private mutating func define(
        _ name: Word, _ rule: WitnessPolicy.Rule
    ) throws(PolicyError.Reason) {
        let name = Array(name)
        guard name != PolicyReader.none, rules[name] == nil else { throw .repeatedName }
        rules[name] = rule
    }

    private static func key(
        _ word: Word, _ type: SignatureType
    ) throws(PolicyError.Reason) -> VerifierKey {
        let key: VerifierKey
        do throws(KeyTextError) {
            key = try VerifierKey(String(decoding: word, as: UTF8.self))
        } catch {
            throw .key(error)
        }
        guard key.type == type else { throw .keyOfOtherType(wanted: type) }
        return key
    }

    private static func url(_ words: ArraySlice<Word>) -> String? {
        words.first.map { String(decoding: $0, as: UTF8.self) }
    }
}
