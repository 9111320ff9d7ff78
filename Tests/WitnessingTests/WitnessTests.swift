import Checkpoints
import Digests
import DurableFiles
import Foundation
import Merkle
import TestKit
import Testing
import Witnessing

/// Every answer of a witness, with a log that does what a log must not.
@Suite struct WitnessTests {
    private let home: ScratchFolder
    private let key: SignerKey
    private let log: FictitiousLog

    init() throws {
        home = try ScratchFolder()
        key = SignerKey.generate(name: try #require(KeyName("witness.example/w")))
        log = try FictitiousLog()
    }

    private func witness() throws -> Witness {
        try Witness(
            key: key, logs: [log.origin: [log.key.verifierKey]], state: home.path + "/state")
    }

    private func add(_ request: WitnessRequest, at seconds: UInt64 = 1) throws -> WitnessRefusal? {
        guard case .failure(let refusal) = try witness().addCheckpoint(request.bytes, at: seconds)
        else { return nil }
        return refusal
    }

    @Test func `a log that only grows is cosigned each time, also by a witness that restarts`()
        throws
    {
        var old: UInt64 = 0
        for size: UInt64 in [0, 0, 1, 1, 2, 5, 8, 8, 13, 64, 100] {
            #expect(try add(log.request(from: old, to: size)) == nil, "\(old) to \(size)")
            old = size
        }
    }

    @Test func `no fork of a size is cosigned, nor of any later size`() throws {
        #expect(try add(log.request(from: 0, to: 8)) == nil)
        let fork = try FictitiousLog(key: log.key, forkedAt: 5)
        #expect(try add(fork.request(from: 8, to: 8)) == .inconsistent)
        #expect(try add(fork.request(from: 8, to: 13)) == .inconsistent)
        #expect(try add(fork.request(from: 5, to: 13)) == .otherSize(TreeSize(8)))
        #expect(try add(log.request(from: 8, to: 13)) == nil)
    }

    @Test func `what is refused changes nothing`() throws {
        #expect(try add(log.request(from: 0, to: 8)) == nil)
        let name = WitnessState.name(of: log.origin)
        let before = try witness().newest(named: name)
        let good = log.request(from: 8, to: 13)
        let stranger = try FictitiousLog(origin: log.origin.text)
        let unknown = try FictitiousLog(origin: "other.example")
        let cases: [(WitnessRequest, WitnessRefusal)] = [
            (stranger.request(from: 8, to: 13), .notSigned),
            (unknown.request(from: 8, to: 13), .unknownLog),
            (WitnessRequest(old: TreeSize(14), proof: [], note: good.note), .oldIsLarger),
            (WitnessRequest(old: TreeSize(8), proof: [], note: good.note), .inconsistent),
            (
                WitnessRequest(old: TreeSize(8), proof: good.proof + [.zero], note: good.note),
                .inconsistent
            ),
            (log.request(from: 0, to: 13), .otherSize(TreeSize(8))),
            (log.request(from: 0, to: 5), .otherSize(TreeSize(8))),
            (
                WitnessRequest(
                    old: TreeSize(8), proof: good.proof, note: log.request(from: 8, to: 8).note),
                .inconsistent
            ),
        ]
        for (request, refusal) in cases { #expect(try add(request) == refusal) }
        #expect(
            try witness().addCheckpoint(Array("old 8\n".utf8), at: 1) == .failure(.malformed))
        #expect(try witness().newest(named: name) == before)
        #expect(try add(good) == nil)
    }

    @Test func `an empty tree has one root, and an empty proof`() throws {
        let wrong = Checkpoint(origin: log.origin, size: .zero, root: Root(.zero))
        let note = try SignedNote(wrong.sign(with: log.key))
        #expect(try add(WitnessRequest(old: .zero, proof: [], note: note)) == .wrongEmptyRoot)
        let first = log.request(from: 0, to: 3)
        #expect(
            try add(WitnessRequest(old: .zero, proof: [.zero], note: first.note)) == .inconsistent)
    }

    @Test func `a known key's line that does not verify is refused, whatever others say`() throws {
        let request = log.request(from: 0, to: 3)
        var note = request.note
        note.add(
            NoteSignature(
                name: log.key.name, id: log.key.verifierKey.id,
                bytes: [UInt8](repeating: 1, count: 64)))
        #expect(try add(WitnessRequest(old: .zero, proof: [], note: note)) == .notSigned)
    }

    @Test func `a hundred lines do not fill the file that is kept`() throws {
        var note = log.request(from: 0, to: 3).note
        let line = note.signatures[0]
        for _ in 1..<SignedNote.maximumSignatures { note.add(line) }
        #expect(try add(WitnessRequest(old: .zero, proof: [], note: note)) == nil)
        #expect(try add(log.request(from: 3, to: 5)) == nil)
    }

    @Test func `a file that is not its own stops the witness for that log`() throws {
        #expect(try add(log.request(from: 0, to: 8)) == nil)
        let path = home.path + "/state/" + WitnessState.name(of: log.origin)
        let kept = try #require(try DurableFile.contents(path))
        for change in [
            Array(kept.dropLast()), [], log.request(from: 0, to: 5).note.bytes,
            Array(kept.dropLast(20)) + Array("AAAAAAAAAAAAAAAAAAA\n".utf8),
        ] {
            try DurableFile.replace(path, with: change)
            #expect(throws: FileError.self) { try self.add(self.log.request(from: 8, to: 13)) }
        }
        try DurableFile.replace(path, with: kept)
        #expect(try add(log.request(from: 8, to: 13)) == nil)
    }

    @Test func `a newer time is given for the same checkpoint`() throws {
        let request = log.request(from: 0, to: 8)
        #expect(try add(request, at: 5) == nil)
        let again = log.request(from: 8, to: 8)
        let lines = try witness().addCheckpoint(again.bytes, at: 9).get()
        let line = try NoteSignature.parse(lines: lines)[0]
        #expect(Cosignature(bytes: line.bytes)?.seconds == 9)
    }
}

/// A log of numbered leaves, which can fork.
struct FictitiousLog {
    let origin: Origin
    let key: SignerKey
    private let leaves: [LeafHash]
    private let hasher = MerkleHasher()

    struct Missing: Error {}

    /// From leaf `forkedAt` on it is another than the one that is not forked.
    init(origin: String = "log.example", key: SignerKey? = nil, forkedAt: Int = .max) throws {
        self.origin = try #require(Origin(origin))
        self.key = try key ?? SignerKey.generate(name: #require(KeyName(origin)))
        let hasher = hasher
        leaves = (0..<128).map { number in
            let text = number >= forkedAt ? "fork-\(number)" : "leaf-\(number)"
            return Array(text.utf8).withUnsafeBytes { hasher.leaf($0) }
        }
    }

    private func read(_ node: NodeID) -> Digest {
        var range = CompactRange(begin: 0)
        for leaf in leaves[Int(node.leaves.lowerBound)..<Int(node.leaves.upperBound)] {
            range.append(leaf, hasher)
        }
        return range.root(hasher).digest
    }

    func request(from old: UInt64, to new: UInt64) -> WitnessRequest {
        let size = TreeSize(new)
        var range = CompactRange(begin: 0)
        for leaf in leaves.prefix(Int(new)) { range.append(leaf, hasher) }
        let checkpoint = Checkpoint(origin: origin, size: size, root: range.root(hasher))
        let text = checkpoint.text
        let proof =
            old <= new
            ? consistencyProof(from: TreeSize(old), to: size, hasher, reading: read) : []
        return WitnessRequest(
            old: TreeSize(old), proof: proof,
            note: SignedNote(text: text, signatures: [key.sign(text)]))
    }
}
