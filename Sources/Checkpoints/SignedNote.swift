import Digests

/// A signature line: an em dash, a space, the key's name, a space, base64 of id and signature.
package struct NoteSignature: Hashable, Sendable {
    package let name: KeyName
    package let id: KeyID
    /// What follows the id: its form depends on the key's type.
    package let bytes: [UInt8]

    package init(name: KeyName, id: KeyID, bytes: [UInt8]) {
        (self.name, self.id, self.bytes) = (name, id, bytes)
    }

    /// With its LF.
    package var line: String { "\u{2014} \(name) \(Base64.encode(id.bytes + bytes))\n" }

    func isOf(_ key: VerifierKey) -> Bool { id == key.id && name == key.name }
}

/// Text and signatures of it (c2sp.org/signed-note v1.0.0).
///
/// Parsing checks the form only; ``verifiedKeys(among:)`` says whose signatures are valid. A note
/// that is read and rendered has the same bytes.
package struct SignedNote: Hashable, Sendable {
    /// What is signed, with its final LF.
    package let text: [UInt8]
    package private(set) var signatures: [NoteSignature]

    package static let maximumByteCount = 1_000_000
    package static let maximumSignatures = 100

    package init(text: [UInt8], signatures: [NoteSignature]) {
        (self.text, self.signatures) = (text, signatures)
    }

    /// The note as it is stored and sent.
    package var bytes: [UInt8] {
        text + [0x0a] + signatures.flatMap { Array($0.line.utf8) }
    }

    package mutating func add(_ signature: NoteSignature) {
        signatures.append(signature)
    }

    /// The keys of `keys` that have signed, in the order of their lines.
    ///
    /// A line whose name and id are those of a known key must verify: if it does not, somebody has
    /// tampered with the note. Lines of unknown keys say nothing.
    package func verifiedKeys(among keys: [VerifierKey]) throws(NoteError) -> [VerifierKey] {
        var verified: [VerifierKey] = []
        for signature in signatures {
            let candidates = keys.filter { signature.isOf($0) }
            guard !candidates.isEmpty else { continue }
            let signer = candidates.first { $0.isValid(signature: signature.bytes, of: text) }
            guard let signer else { throw .invalidSignature(signature.name, signature.id) }
            if !verified.contains(signer) { verified.append(signer) }
        }
        guard !verified.isEmpty else { throw .noKnownSignature(signatures.map(\.name)) }
        return verified
    }
}

extension SignedNote {
    package init(_ bytes: some Collection<UInt8>) throws(NoteError) {
        guard bytes.count <= SignedNote.maximumByteCount else { throw .tooLong }
        let bytes = Array(bytes)
        guard bytes.last == 0x0a else { throw .noFinalNewline }
        if let offset = bytes.firstIndex(where: { $0 < 0x20 && $0 != 0x0a }) {
            throw .controlCharacter(offset: offset)
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .invalidUTF8 }
        // Text may hold empty lines; the last one ends it.
        let pairs = bytes.indices.dropLast().reversed()
        guard let end = pairs.first(where: { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a })
        else { throw .noSignatures }
        text = Array(bytes[...end])
        signatures = try SignedNote.signatures(bytes[(end + 2)...])
    }

    private static func signatures(
        _ block: ArraySlice<UInt8>
    ) throws(NoteError) -> [NoteSignature] {
        let lines = block.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
        guard !block.isEmpty else { throw .noSignatures }
        guard lines.count <= maximumSignatures else { throw .tooManySignatures }
        var signatures: [NoteSignature] = []
        for (index, line) in lines.enumerated() {
            guard let signature = NoteSignature(line: line)
            else { throw .badSignatureLine(number: index + 1) }
            signatures.append(signature)
        }
        return signatures
    }
}

extension NoteSignature {
    /// Nil for any other spelling than ``line`` gives; `line` is without its LF.
    init?(line: ArraySlice<UInt8>) {
        let mark = "\u{2014} ".utf8
        guard line.starts(with: mark) else { return nil }
        let rest = line.dropFirst(mark.count)
        guard let space = rest.firstIndex(of: 0x20),
            let name = KeyName(String(decoding: rest[..<space], as: UTF8.self)),
            let payload = Base64.decode(utf8: rest[(space + 1)...]), payload.count > 4
        else { return nil }
        let id = KeyID(payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        self.init(name: name, id: id, bytes: Array(payload.dropFirst(4)))
    }

    /// The lines of a witness's answer: signature lines and nothing else.
    package static func parse(lines: some Collection<UInt8>) throws(NoteError) -> [NoteSignature] {
        let note = try SignedNote(Array("\n\n".utf8) + lines)
        guard note.text == [0x0a] else { throw .badSignatureLine(number: 1) }
        return note.signatures
    }
}
