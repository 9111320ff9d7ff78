import Digests

/// Everything that was asked and answered, as one digest, and the answers counted by kind.
///
/// Leaf hashes, keys and signatures are left out: they hold chance by design.
package struct Trace: Sendable {
    private var digest = Digest.zero
    private var counted: [String: Int] = [:]
    package private(set) var steps = 0

    package init() {}

    mutating func add(_ text: String) {
        digest = SHA256.digest(of: digest.bytes + text.utf8)
    }

    mutating func step() {
        steps += 1
    }

    mutating func count(_ kind: String, _ number: Int = 1) {
        counted[kind, default: 0] += number
    }

    /// Adds what another run did.
    package mutating func add(_ other: Trace) {
        add(other.text)
        steps += other.steps
        for (kind, number) in other.counted { count(kind, number) }
    }

    package var text: String { String(digest.hex.prefix(16)) }

    /// In the order of their names.
    package var counts: [(kind: String, number: Int)] {
        counted.sorted { $0.key < $1.key }.map { (kind: $0.key, number: $0.value) }
    }
}
