package import Merkle

/// What a log says of itself: its origin, its size and its root (c2sp.org/tlog-checkpoint v1.0.0),
/// without extension lines.
///
/// Anybody can make one; that a log has signed it is what ``VerifiedCheckpoint`` says.
package struct Checkpoint: Hashable, Sendable {
    package let origin: Origin
    package let size: TreeSize
    package let root: Root

    package init(origin: Origin, size: TreeSize, root: Root) {
        (self.origin, self.size, self.root) = (origin, size, root)
    }

    /// The text that is signed.
    package var text: [UInt8] { Array("\(origin)\n\(size)\n\(root.base64)\n".utf8) }

    /// The note with this checkpoint and its signature.
    ///
    /// The caller signs only what is durable: two checkpoints of one size with different roots are
    /// evidence against the log.
    package func sign(with key: SignerKey) -> [UInt8] {
        SignedNote(text: text, signatures: [key.sign(text)]).bytes
    }

    /// Reads a note's text, which must be spelt as ``text`` spells it.
    package init(text: [UInt8]) throws(CheckpointError) {
        try self.init(spelling: text)
        guard size > .zero || root == Root(.emptyTree) else { throw .badRoot }
    }

    /// The same, where an empty tree may have any root: a witness answers that in another way than
    /// what it cannot read.
    package init(spelling text: [UInt8]) throws(CheckpointError) {
        let lines = text.split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 4, lines[3].isEmpty else { throw .wrongLineCount(lines.count - 1) }
        guard let origin = Origin(lines[0]) else { throw .badOrigin }
        guard let size = UInt64(lines[1]) else { throw .badSize }
        guard let root = Root(base64: lines[2]) else { throw .badRoot }
        self.init(origin: origin, size: TreeSize(size), root: root)
        // Leading zeros and a sign are refused here, as is text that is not UTF-8.
        guard self.text == text else { throw .badSize }
    }
}

/// A checkpoint whose log signature was checked.
///
/// Only verification makes one.
package struct VerifiedCheckpoint: Hashable, Sendable {
    package let checkpoint: Checkpoint
    package let note: SignedNote
    /// The key that signed it as the log.
    package let key: VerifierKey

    /// Reads a note that must be a checkpoint of `origin`, and verifies it.
    ///
    /// The origin is asked for because a key may sign for more than one log. Cosigner keys among
    /// `keys` do not count: a witness does not speak for a log.
    package init(
        verifying bytes: some Collection<UInt8>, of origin: Origin, by keys: [VerifierKey]
    ) throws(CheckpointError) {
        do throws(NoteError) {
            note = try SignedNote(bytes)
        } catch {
            throw .note(error)
        }
        checkpoint = try Checkpoint(text: note.text)
        guard checkpoint.origin == origin
        else { throw .otherOrigin(expected: origin, found: checkpoint.origin) }
        let logKeys = keys.filter { $0.type == .ed25519 }
        do throws(NoteError) {
            guard let first = try note.verifiedKeys(among: logKeys).first
            else { throw .noKnownSignature([]) }
            key = first
        } catch {
            throw .note(error)
        }
    }

    package var origin: Origin { checkpoint.origin }
    package var size: TreeSize { checkpoint.size }
    package var root: Root { checkpoint.root }
    /// The bytes that were verified, for keeping as evidence.
    package var bytes: [UInt8] { note.bytes }

    /// The cosigners among `keys` that have cosigned, each with its newest time.
    ///
    /// Nobody having done so is an answer; a known cosigner's line that does not verify is an
    /// error.
    package func cosignatures(
        by keys: [VerifierKey]
    ) throws(NoteError) -> [VerifierKey: Cosignature] {
        var result: [VerifierKey: Cosignature] = [:]
        for line in note.signatures {
            let candidates = keys.filter { $0.type == .cosignature && line.isOf($0) }
            guard !candidates.isEmpty else { continue }
            let signer = candidates.first { $0.isValid(signature: line.bytes, of: note.text) }
            guard let signer, let cosignature = Cosignature(bytes: line.bytes)
            else { throw .invalidSignature(line.name, line.id) }
            let isNewer = result[signer].map { $0.seconds < cosignature.seconds } ?? true
            if isNewer { result[signer] = cosignature }
        }
        return result
    }
}
