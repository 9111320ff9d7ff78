import Digests
package import LedgerStore
import Merkle
import Records

/// What every store must do, as checks that throw.
///
/// Each store's test is one call of ``check(_:)``.
package struct EventStoreContract: Sendable {
    /// Makes an empty store.
    private let make: @Sendable () async throws -> any EventStore

    package init(_ make: @escaping @Sendable () async throws -> any EventStore) {
        self.make = make
    }

    /// A promise that the store did not keep.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    package static let names = [
        "empty", "commit", "conflict", "lookup", "streams", "hashes", "checkpoint", "lead",
        "pages", "random",
    ]

    package func check(_ name: String, seed: UInt64 = 1) async throws {
        let store = try await make()
        switch name {
        case "empty": try await checkEmpty(store)
        case "commit": try await checkCommit(store)
        case "conflict": try await checkConflict(store)
        case "lookup": try await checkLookUp(store)
        case "streams": try await checkStreams(store)
        case "hashes": try await checkHashes(store)
        case "checkpoint": try await checkCheckpoint(store)
        case "lead": try await checkLead(store)
        case "pages": try await checkPages(store)
        case "random": try await checkRandom(store, seed: seed)
        default: throw Broken(description: "no check called \(name)")
        }
    }

    private func demand(_ isKept: Bool, _ promise: String) throws {
        if !isKept { throw Broken(description: promise) }
    }

    // MARK: The checks

    private func checkEmpty(_ store: any EventStore) async throws {
        try demand(await store.head() == .empty, "an empty store has the empty head")
        try demand(await store.lines(from: SequenceNumber(0), limit: 5).isEmpty, "and no lines")
        try demand(await store.checkpoint() == nil, "and no checkpoint")
    }

    private func checkCommit(_ store: any EventStore) async throws {
        let batch = try EventMaker.batch(events(3), at: await store.lead(), revisions: [0, 0, 0])
        try await store.commit(batch, at: .empty)
        try demand(await store.head() == batch.newHead, "the head is the batch's")
        let lines = try await store.lines(from: SequenceNumber(1), limit: 9)
        try demand(lines == self.lines(batch).suffix(2), "past the end: what there is")
    }

    private func checkConflict(_ store: any EventStore) async throws {
        let batch = try EventMaker.batch(events(2), at: await store.lead(), revisions: [0, 0])
        try await store.commit(batch, at: .empty)
        _ = try await store.lead()
        do {
            try await store.commit(batch, at: .empty)
            throw Broken(description: "a commit at an old head is refused")
        } catch let error as StoreError {
            try demand(error.code == .conflict, "as a conflict")
        }
        try demand(await store.head() == batch.newHead, "and leaves nothing behind")
        let more = try EventMaker.batch(
            [event("c")], at: await store.lead(), revisions: [0])
        try await store.commit(more, at: batch.newHead)
        try demand(await store.head().size == TreeSize(3), "and the lead is free again")
    }

    private func checkLookUp(_ store: any EventStore) async throws {
        let known = try events(3)
        let batch = EventMaker.batch(known, at: try await store.lead(), revisions: [0, 0, 0])
        try await store.commit(batch, at: .empty)
        let answers = try await store.look(up: known.map(LookUp.init))
        try demand(
            answers.map(\.event) == (0..<3).map { SequenceNumber($0) }, "each event is known")
        let other = try EventMaker.event(
            EventMaker.json(id: "e0", stream: "test/new", source: "urn:other"))
        let answer = try await store.look(up: [LookUp(other)])
        try demand(answer == [Known(event: nil, tail: nil)], "the same id of another source is not")
    }

    private func checkStreams(_ store: any EventStore) async throws {
        for round in 0..<4 {
            let head = try await store.lead()
            let batch = try EventMaker.batch(
                [
                    event("r\(round)", stream: "test/A"),
                    event("s\(round)", stream: "test/B\(round)"),
                ],
                at: head, revisions: [UInt64(round), 0])
            try await store.commit(batch, at: head)
        }
        let answer = try await store.look(up: [LookUp(event("x", stream: "test/A"))])
        try demand(
            answer[0].tail == StreamTail(sequence: SequenceNumber(6), revision: Revision(3)),
            "a stream's tail is its newest record")
        guard let stream = StreamName("test/A"), let none = StreamName("test/none") else {
            throw Broken(description: "stream names")
        }
        let middle = try await store.sequence(of: stream, from: Revision(1), limit: 2)
        try demand(middle == [2, 4].map { SequenceNumber($0) }, "a stream is read by revision")
        let nothing = try await store.sequence(of: none, from: Revision(0), limit: 2)
        try demand(nothing.isEmpty, "an unknown stream has no records")
        let lines = try await store.lines(of: [none, stream, stream])
        try demand(lines.count == 3 && lines[0].isEmpty, "each stream asked for has an answer")
        try demand(lines[1] == lines[2] && lines[1].count > 2, "asked for twice, given twice")
        do {
            _ = try await store.lines(at: [0, 99].map { SequenceNumber($0) })
            throw Broken(description: "a record that is not there is not given")
        } catch let error as StoreError {
            try demand(error.code == .notFound, "and its absence is told")
        }
    }

    private func checkHashes(_ store: any EventStore) async throws {
        let leaves = try await fill(store, count: 600)
        let stored = try await store.hashes(level: 0, 250..<600)
        try demand(stored == Array(leaves[250...]), "leaf hashes are kept")
        let nodes = try await store.hashes(level: 8, 0..<2)
        var range = CompactRange(begin: 0)
        let hasher = MerkleHasher()
        for leaf in leaves[..<256] { range.append(LeafHash(leaf), hasher) }
        try demand(nodes[0] == range.nodes[0], "and those of complete subtrees of 256")
        do {
            _ = try await store.hashes(level: 8, 0..<3)
            throw Broken(description: "an incomplete subtree has no hash")
        } catch let error as StoreError {
            try demand(error.code == .notFound, "and is not found")
        }
    }

    private func checkCheckpoint(_ store: any EventStore) async throws {
        _ = try await fill(store, count: 2)
        try await store.publish([1, 2, 3], size: TreeSize(2))
        try demand(await store.checkpoint() == [1, 2, 3], "the newest checkpoint is read back")
        try await store.publish([5], size: TreeSize(1))
        try demand(await store.checkpoint() == [1, 2, 3], "and never one of a smaller size")
        do {
            try await store.publish([4], size: TreeSize(3))
            throw Broken(description: "a checkpoint over records that are not there is refused")
        } catch let error as StoreError {
            try demand(error.code == .damaged, "as damage")
        }
    }

    private func checkLead(_ store: any EventStore) async throws {
        _ = try await store.lead()
        await store.yield()
        let head = try await store.lead()
        try demand(head == .empty, "the lead can be taken again after it was given back")
        await store.yield()
    }

    private func checkPages(_ store: any EventStore) async throws {
        _ = try await fill(store, count: 50)
        var next = SequenceNumber(0)
        var count = 0
        while true {
            let lines = try await store.lines(from: next, limit: 7)
            if lines.isEmpty { break }
            count += lines.count
            next = SequenceNumber(next.rawValue + UInt64(lines.count))
        }
        try demand(count == 50, "pages give each line once")
    }

    /// Random batches against a model of dictionaries.
    private func checkRandom(_ store: any EventStore, seed: UInt64) async throws {
        var random = Seeded(seed: seed)
        var ids: [String: UInt64] = [:]
        var streams: [String: [UInt64]] = [:]
        for round in 0..<60 {
            let head = try await store.lead()
            var revisions: [UInt64] = []
            var batch: [CloudEvent] = []
            for place in 0..<Int.random(in: 1...40, using: &random) {
                let id = "\(seed)-\(round)-\(place)"
                let stream = "test/S\(Int.random(in: 0..<30, using: &random))"
                batch.append(try event(id, stream: stream))
                ids[id] = head.size.rawValue + UInt64(place)
                revisions.append(UInt64(streams[stream]?.count ?? 0))
                streams[stream, default: []].append(head.size.rawValue + UInt64(place))
            }
            let commit = EventMaker.batch(batch, at: head, revisions: revisions, isAtomic: true)
            try await store.commit(commit, at: head)
        }
        for (id, sequence) in ids {
            let answer = try await store.look(up: [LookUp(event(id))])
            try demand(answer[0].event?.rawValue == sequence, "seed \(seed): event \(id) is known")
        }
        for (name, sequences) in streams {
            guard let stream = StreamName(name) else { continue }
            let found = try await store.sequence(of: stream, from: Revision(0), limit: 10_000)
            try demand(
                found.map(\.rawValue) == sequences, "seed \(seed): stream \(name) is whole")
            var one: [[UInt8]] = []
            for number in found { one += try await store.lines(from: number, limit: 1) }
            try demand(
                try await store.lines(at: found.reversed()) == one.reversed(),
                "seed \(seed): asked for by number, in the order of the question")
            let whole = try await store.lines(of: [stream])
            try demand(
                whole == [one], "seed \(seed): the lines of \(name) are those of its numbers")
        }
    }

    // MARK: Helpers

    private func event(_ id: String, stream: String = "test/A") throws -> CloudEvent {
        try EventMaker.event(EventMaker.json(id: id, stream: stream))
    }

    private func events(_ count: Int) throws -> [CloudEvent] {
        try (0..<count).map { try event("e\($0)", stream: "test/S\($0)") }
    }

    private func lines(_ batch: CommitBatch) -> [[UInt8]] {
        batch.entries.map { Array(batch.bytes[$0.line]) }
    }

    private func fill(_ store: any EventStore, count: Int) async throws -> [Digest] {
        var leaves: [Digest] = []
        while leaves.count < count {
            let head = try await store.lead()
            let size = min(37, count - leaves.count)
            let batch = EventMaker.batch(
                try (0..<size).map {
                    try event("f\(leaves.count + $0)", stream: "test/F\(leaves.count + $0)")
                },
                at: head, revisions: Array(repeating: 0, count: size))
            try await store.commit(batch, at: head)
            leaves += batch.entries.map(\.leafHash.digest)
        }
        return leaves
    }
}
