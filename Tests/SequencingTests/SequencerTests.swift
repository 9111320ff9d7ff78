import CanonicalJSON
import Catalogue
import Checkpoints
import Digests
import LedgerStore
import Logging
import Merkle
import Phrases
import Records
import Sequencing
import TestKit
import Testing

@Suite struct SequencerTests {
    // MARK: Answers

    @Test func `an event becomes a record whose receipt proves`() async throws {
        let bench = try await Bench()
        let acceptance = try await bench.accepted([bench.event("a", stream: "note/A")])
        #expect(acceptance.places.map(\.sequence) == [SequenceNumber(0)])
        let line = try #require(
            await bench.store.lines(from: SequenceNumber(0), limit: 1).first)
        let leaf = line.withUnsafeBytes { MerkleHasher().leaf($0) }
        #expect(acceptance.places[0].leafHash == leaf)
        let checkpoint = try VerifiedCheckpoint(
            verifying: acceptance.checkpoint, of: bench.origin, by: [bench.key.verifierKey])
        #expect(checkpoint.root == Root(leaf.digest))
        #expect(await bench.store.checkpoint() == acceptance.checkpoint)
    }

    @Test func `the same event again gets a receipt for the old record`() async throws {
        let bench = try await Bench()
        let first = try await bench.accepted([bench.event("a", stream: "note/A")])
        _ = try await bench.accepted([bench.event("b", stream: "note/A")])
        let again = try await bench.accepted([bench.event("a", stream: "note/A")])
        #expect(again.places[0].isRepeat)
        #expect(again.places[0].sequence == first.places[0].sequence)
        #expect(again.places[0].leafHash == first.places[0].leafHash)
        #expect(again.size == TreeSize(2), "under the checkpoint of now")
        #expect(await bench.store.head().size == TreeSize(2))
    }

    @Test func `delivery attributes make no difference to a repeat`() async throws {
        let bench = try await Bench()
        _ = try await bench.accepted([bench.event("a", stream: "note/A")])
        let again = try bench.event(
            "a", stream: "note/A", more: [JSONMember("expectedrevision", -1)])
        #expect(try await bench.accepted([again]).places[0].isRepeat)
    }

    @Test func `the same id with other content is a conflict that names the record`() async throws {
        let bench = try await Bench()
        _ = try await bench.accepted([bench.event("a", stream: "note/A")])
        let other = try bench.event("a", stream: "note/B")
        let refused = try await bench.refused([other])
        #expect(refused[0].refusals.map(\.code) == [.conflict])
        #expect(refused[0].refusals[0].reason.en.contains("record 0"))
    }

    @Test func `a batch known in part is refused and says which`() async throws {
        let bench = try await Bench()
        _ = try await bench.accepted([bench.event("a", stream: "note/A")])
        let refused = try await bench.refused([
            bench.event("new", stream: "note/A"), bench.event("a", stream: "note/A"),
        ])
        #expect(refused.map(\.place) == [1])
        #expect(refused[0].refusals.map(\.code) == [.partlyRecorded])
        #expect(await bench.store.head().size == TreeSize(1), "nothing was added")
    }

    @Test(arguments: [(-1, true), (0, false), (5, false)] as [(Int64, Bool)])
    func `an expected revision of a new stream must be -1`(
        expected: Int64, isAccepted: Bool
    ) async throws {
        let bench = try await Bench()
        let event = try bench.event(
            "a", stream: "note/A", more: [JSONMember("expectedrevision", .integer(expected))])
        switch try await bench.submit([event]) {
        case .accepted: #expect(isAccepted)
        case .refused(let refused):
            #expect(!isAccepted && refused[0].refusals.map(\.code) == [.wrongRevision])
        case .busy: Issue.record("not busy")
        }
    }

    @Test func `earlier members of a batch count for the revision`() async throws {
        let bench = try await Bench()
        let events = try (0..<3).map { place in
            try bench.event(
                "e\(place)", stream: "note/A",
                more: [JSONMember("expectedrevision", .integer(Int64(place - 1)))])
        }
        let acceptance = try await bench.accepted(events)
        #expect(acceptance.places.map(\.revision.rawValue) == [0, 1, 2])
        let lines = await bench.store.lines(from: SequenceNumber(0), limit: 3)
        let batches = try lines.map { try JSONValue(parsing: $0)["intake"]?["batch"]?.string }
        #expect(batches == ["1/3", "2/3", "3/3"])
    }

    @Test func `one bad event refuses the whole batch`() async throws {
        let bench = try await Bench()
        let refused = try await bench.refused([
            bench.event("a", stream: "note/A"), bench.event("a", stream: "note/B"),
        ])
        #expect(refused.map(\.place) == [1])
        #expect(await bench.store.head() == .empty)
    }

    @Test func `a correction must name a record of its stream by its leaf hash`() async throws {
        let bench = try await Bench()
        let first = try await bench.accepted([bench.event("a", stream: "note/A")]).places[0]
        func correction(_ id: String, stream: String, leaf: LeafHash) throws -> ValidatedEvent {
            try bench.correction(id, stream: stream, of: first.sequence, leaf)
        }
        let wrongHash = try correction("c1", stream: "note/A", leaf: .zero)
        #expect(try await bench.refused([wrongHash])[0].refusals.map(\.code) == [.wrongTarget])
        let wrongStream = try correction("c2", stream: "note/B", leaf: first.leafHash)
        #expect(try await bench.refused([wrongStream])[0].refusals.map(\.code) == [.wrongTarget])
        let right = try correction("c3", stream: "note/A", leaf: first.leafHash)
        _ = try await bench.accepted([right])
    }

    // MARK: Time

    @Test func `recorded never goes back, and a jump of the clock stops appending`() async throws {
        let bench = try await Bench()
        _ = try await bench.accepted([bench.event("a", stream: "note/A")])
        bench.clock.advance(wall: -3600, steady: 1)
        _ = try await bench.accepted([bench.event("b", stream: "note/A")])
        let lines = await bench.store.lines(from: SequenceNumber(0), limit: 2)
        let recorded = try lines.map { try JSONValue(parsing: $0)["chain"]?["recorded"]?.string }
        #expect(recorded[0] == recorded[1], "the second is no older than the first")
        bench.clock.advance(wall: 7200 + 301, steady: 1)
        let error = await #expect(throws: StoreError.self) {
            try await bench.submit([bench.event("c", stream: "note/A")])
        }
        #expect(error?.reason.en.contains("clock") == true)
        #expect(await bench.store.head().size == TreeSize(2))
        bench.clock.advance(wall: -7200 - 301, steady: 1)
        _ = try await bench.accepted([bench.event("c", stream: "note/A")])
    }

    // MARK: Faults

    @Test(arguments: FaultyStore.Fault.allCases)
    func `after a fault, asking again gives one record and a receipt`(
        fault: FaultyStore.Fault
    ) async throws {
        let bench = try await Bench()
        _ = try await bench.accepted([bench.event("a", stream: "note/A")])
        await bench.faulty.arm(fault)
        let event = try bench.event("b", stream: "note/A")
        await #expect(throws: StoreError.self) { try await bench.submit([event]) }
        // What start-up does: sign over what is durable but uncovered.
        try await bench.sequencer.signWhatIsDurable()
        let acceptance = try await bench.accepted([event])
        #expect(acceptance.places[0].sequence == SequenceNumber(1))
        #expect(acceptance.places[0].isRepeat == (fault != .beforeCommit))
        #expect(await bench.store.head().size == TreeSize(2))
    }

    @Test(arguments: [FaultyStore.Fault.beforePublish, .afterPublish])
    func `a repeat after a failed publication gets a checkpoint that covers it`(
        fault: FaultyStore.Fault
    ) async throws {
        let bench = try await Bench()
        _ = try await bench.accepted([bench.event("a", stream: "note/A")])
        await bench.faulty.arm(fault)
        let event = try bench.event("b", stream: "note/A")
        let error = await #expect(throws: StoreError.self) { try await bench.submit([event]) }
        #expect(error?.code == .unknown, "the event is recorded: it is not unavailable")
        let acceptance = try await bench.accepted([event])
        let checkpoint = try VerifiedCheckpoint(
            verifying: acceptance.checkpoint, of: bench.origin, by: [bench.key.verifierKey])
        #expect(checkpoint.size == acceptance.size)
        #expect(checkpoint.size == TreeSize(2))
        #expect(await bench.store.checkpoint() == acceptance.checkpoint)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `many callers, repeats and conflicts: the model predicts each answer`(
        seed: UInt64
    ) async throws {
        var random = Seeded(seed: seed)
        let bench = try await Bench()
        var recorded: [String: String] = [:]
        for _ in 0..<200 {
            let id = "e\(Int.random(in: 0..<120, using: &random))"
            let stream = "note/S\(Int.random(in: 0..<3, using: &random))"
            let answer = try await bench.submit([bench.event(id, stream: stream)])
            switch (recorded[id], answer) {
            case (nil, .accepted(let acceptance)): #expect(!acceptance.places[0].isRepeat)
            case (stream, .accepted(let acceptance)): #expect(acceptance.places[0].isRepeat)
            case (.some(let old), .refused(let refused)):
                #expect(old != stream && refused[0].refusals[0].code == .conflict)
            default: Issue.record("seed \(seed): \(id) in \(stream) got \(answer)")
            }
            if recorded[id] == nil { recorded[id] = stream }
        }
        #expect(await bench.store.head().size.rawValue == UInt64(recorded.count))
    }

    @Test func `concurrent callers share commits and each gets a true answer`() async throws {
        let bench = try await Bench()
        let places = try await withThrowingTaskGroup(of: Acceptance.Place.self) { group in
            for number in 0..<300 {
                group.addTask {
                    try await bench.accepted([bench.event("c\(number)", stream: "note/A")])
                        .places[0]
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(places.map(\.sequence)).count == 300)
        #expect(Set(places.map(\.revision)).count == 300)
    }
}
