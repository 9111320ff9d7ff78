package import CanonicalJSON
package import Checkpoints
package import Digests
package import Merkle
package import Phrases

/// Two checkpoints that one log signed, and why they are not of one history: Specs/evidence.md.
///
/// Whoever has the log's public key can judge it, without the log and without us.
package struct ForkEvidence: Hashable, Sendable {
    package let origin: Origin
    /// Signed notes.
    package let first: [UInt8]
    package let second: [UInt8]
    package let contradiction: Contradiction

    package enum Contradiction: Hashable, Sendable {
        /// The proof leads from this root, at the first one's size, to the second one's root.
        case roots(Root, consistency: [Digest])
        /// Each has another leaf hash at one number.
        case records(SequenceNumber, first: Leaf, second: Leaf)
        /// The second one covers fewer records. It may be older: alone it shows no fork.
        case shorter
    }

    /// A leaf hash with its inclusion proof.
    package struct Leaf: Hashable, Sendable {
        package let hash: LeafHash
        package let proof: [Digest]

        package init(hash: LeafHash, proof: [Digest]) {
            (self.hash, self.proof) = (hash, proof)
        }
    }

    package init(
        origin: Origin, first: [UInt8], second: [UInt8], _ contradiction: Contradiction
    ) {
        (self.origin, self.first, self.second) = (origin, first, second)
        self.contradiction = contradiction
    }
}

// MARK: - What it shows

extension ForkEvidence {
    package enum Verdict: Sendable {
        /// The log signed two histories.
        case forked(first: VerifiedCheckpoint, second: VerifiedCheckpoint)
        /// The log signed both; one may simply be older.
        case open(first: VerifiedCheckpoint, second: VerifiedCheckpoint)
        case refused(Phrase)
    }

    /// Judges it by the log's keys, of which each checkpoint must have the signature of one.
    package func judge(by keys: [VerifierKey]) -> Verdict {
        let (one, two): (VerifiedCheckpoint, VerifiedCheckpoint)
        do throws(CheckpointError) {
            one = try VerifiedCheckpoint(verifying: first, of: origin, by: keys)
            two = try VerifiedCheckpoint(verifying: second, of: origin, by: keys)
        } catch {
            return .refused(error.phrase)
        }
        do throws(ProofError) {
            guard try contradict(one, two) else {
                return .refused(
                    Phrase(
                        en: "both checkpoints may be of one history", zh: "两个检查点可以属于同一历史"))
            }
        } catch {
            return .refused(error.phrase)
        }
        if case .shorter = contradiction { return .open(first: one, second: two) }
        return .forked(first: one, second: two)
    }

    private func contradict(
        _ one: VerifiedCheckpoint, _ two: VerifiedCheckpoint
    ) throws(ProofError) -> Bool {
        let hasher = MerkleHasher()
        switch contradiction {
        case .roots(let root, let proof):
            guard one.size <= two.size else { return false }
            try verifyConsistency(
                from: one.size, to: two.size, oldRoot: root, newRoot: two.root, proof: proof,
                hasher)
            return root != one.root
        case .records(let sequence, let ofOne, let ofTwo):
            for (checkpoint, leaf) in [(one, ofOne), (two, ofTwo)] {
                try verifyInclusion(
                    of: leaf.hash, at: sequence, in: checkpoint.size, proof: leaf.proof,
                    root: checkpoint.root, hasher)
            }
            return ofOne.hash != ofTwo.hash
        case .shorter: return two.size < one.size
        }
    }
}

// MARK: - The file

extension ForkEvidence {
    private static let format: Int64 = 1

    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("first", .string(String(decoding: first, as: UTF8.self))),
            JSONMember("format", .integer(ForkEvidence.format)),
            JSONMember("kind", .string(kind)),
            JSONMember("origin", .string(origin.text)),
            JSONMember("second", .string(String(decoding: second, as: UTF8.self))),
        ]
        switch contradiction {
        case .roots(let root, let proof):
            members += [
                JSONMember("consistency", texts(proof)),
                JSONMember("root", .string(root.digest.hex)),
            ]
        case .records(let sequence, let ofFirst, let ofSecond):
            members += [
                JSONMember("firstLeaf", ofFirst.json), JSONMember("secondLeaf", ofSecond.json),
                JSONMember("seq", .integer(Int64(clamping: sequence.rawValue))),
            ]
        case .shorter: break
        }
        return .object(members)
    }

    /// How the two contradict each other, in one word.
    package var kind: String {
        switch contradiction {
        case .roots: "two-roots"
        case .records: "two-records"
        case .shorter: "shorter"
        }
    }

    /// Reads what ``json`` writes, or a record that holds it.
    package init?(_ value: JSONValue) {
        let value = value["event"]?["data"]?["evidence"] ?? value
        guard value["format"]?.integer == ForkEvidence.format,
            let origin = value["origin"]?.string.flatMap(Origin.init),
            let first = value["first"]?.string, let second = value["second"]?.string,
            let contradiction = Contradiction(value)
        else { return nil }
        self.init(
            origin: origin, first: Array(first.utf8), second: Array(second.utf8), contradiction)
    }
}

extension ForkEvidence.Contradiction {
    fileprivate init?(_ value: JSONValue) {
        switch value["kind"]?.string {
        case "two-roots":
            guard let root = value["root"]?.string.flatMap({ Digest(hex: $0) }),
                let proof = digests(value["consistency"])
            else { return nil }
            self = .roots(Root(root), consistency: proof)
        case "two-records":
            guard let number = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
                let first = ForkEvidence.Leaf(value["firstLeaf"]),
                let second = ForkEvidence.Leaf(value["secondLeaf"])
            else { return nil }
            self = .records(SequenceNumber(number), first: first, second: second)
        case "shorter": self = .shorter
        default: return nil
        }
    }
}

extension ForkEvidence.Leaf {
    fileprivate var json: JSONValue {
        ["leafHash": .string(hash.digest.hex), "proof": texts(proof)]
    }

    fileprivate init?(_ value: JSONValue?) {
        guard let hash = value?["leafHash"]?.string.flatMap({ Digest(hex: $0) }),
            let proof = digests(value?["proof"])
        else { return nil }
        self.init(hash: LeafHash(hash), proof: proof)
    }
}

private func texts(_ hashes: [Digest]) -> JSONValue { .array(hashes.map { .string($0.hex) }) }

private func digests(_ value: JSONValue?) -> [Digest]? {
    guard let texts = value?.array, texts.count <= 64 else { return nil }
    let hashes = texts.compactMap { $0.string.flatMap { Digest(hex: $0) } }
    return hashes.count == texts.count ? hashes : nil
}
