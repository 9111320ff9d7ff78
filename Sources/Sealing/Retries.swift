package import CanonicalJSON
package import Digests

/// Whether an event that was sealed is submitted again: Specs/sealing.md section 5.
package struct Retries: Sendable {
    /// Drawn for this process, and in its memory alone.
    private let key: SecretBytes
    private let countMax: Int
    private var codes: [EventName: Code] = [:]
    /// In the order of time.
    private var order: [EventName] = []

    package static let secondsMax: Int64 = 86_400

    package struct EventName: Hashable, Sendable {
        package let source: String
        package let id: String

        package init(source: String, id: String) {
            (self.source, self.id) = (source, id)
        }
    }

    private struct Code {
        let code: SecretBytes
        let producer: String
        let seconds: Int64
    }

    package enum Verdict: String, Sendable, CaseIterable {
        /// Every value is the same.
        case same
        /// Everything that can still be compared is.
        case sameAsFarAsSeen = "same-as-far-as-seen"
        case different
    }

    /// `key` is random, and lives and dies with the process.
    package init(key: SecretBytes, countMax: Int = 65_536) {
        self.key = key
        self.countMax = max(1, countMax)
    }

    /// Remembers what was sealed: `data` in clear, by `producer`, at `seconds` of a steady clock.
    package mutating func remember(
        _ name: EventName, _ data: JSONValue, _ members: [String], by producer: String,
        at seconds: Int64
    ) {
        forget(before: seconds - Retries.secondsMax)
        if codes.count >= countMax, let oldest = order.first {
            order.removeFirst()
            codes[oldest] = nil
        }
        guard codes[name] == nil else { return }
        order.append(name)
        codes[name] = Code(code: code(data, members), producer: producer, seconds: seconds)
    }

    /// What `data`, in clear, is beside the recorded data of the event of this name.
    package mutating func compare(
        _ name: EventName, _ data: JSONValue, _ members: [String], recorded: JSONValue,
        by producer: String, at seconds: Int64
    ) -> Verdict {
        forget(before: seconds - Retries.secondsMax)
        guard Retries.isSameInClear(data, recorded, members) else { return .different }
        guard let known = codes[name], known.producer == producer else { return .sameAsFarAsSeen }
        let isSame = code(data, members).withBytes {
            known.code.isSameInConstantTime(as: Array($0))
        }
        return isSame ? .same : .different
    }

    package var count: Int { codes.count }

    private mutating func forget(before seconds: Int64) {
        let end = order.firstIndex { (codes[$0]?.seconds ?? .max) >= seconds } ?? order.count
        for name in order[..<end] { codes[name] = nil }
        order.removeFirst(end)
    }

    /// Everything in clear is the same, the same members are sealed, and none is of another length.
    private static func isSameInClear(
        _ data: JSONValue, _ recorded: JSONValue, _ members: [String]
    ) -> Bool {
        let names = Set(members)
        let (left, right) = (data.members ?? [], recorded.members ?? [])
        guard left.count == right.count else { return false }
        return left.allSatisfy { member in
            guard let other = recorded[member.name] else { return false }
            guard names.contains(member.name) else {
                return member.value.canonicalBytes == other.canonicalBytes
            }
            guard let box = try? SealedBox(other) else { return false }
            return Padding.sizeClass(of: member.value.canonicalBytes.count) == box.sizeClass
        }
    }

    private func code(_ data: JSONValue, _ members: [String]) -> SecretBytes {
        let values = JSONValue.array(
            members.sorted().map { .array([.string($0), data[$0] ?? .null]) })
        return values.canonicalBytes.withUnsafeBytes {
            MessageCode.make(.sha256, key: key, $0)
        }
    }
}
