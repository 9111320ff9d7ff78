import Checkpoints
import Digests
import LedgerStore
import Merkle
import Records
import Sequencing

extension World {
    func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        if !holds { throw Simulation.Unexpected(what()) }
    }

    /// Takes the lines that are new; each must be the one that the model foretells.
    func adoptLines() async throws {
        let store = try live().store
        while true {
            let first = SequenceNumber(UInt64(lines.count))
            let more = try await store.lines(from: first, limit: 512)
            if more.isEmpty { break }
            for line in more { try adopt(line) }
        }
        try expect(
            lines.count == model.records.count,
            "\(lines.count) lines are there, not \(model.records.count)")
    }

    private func adopt(_ line: [UInt8]) throws {
        let sequence = lines.count
        try expect(sequence < model.records.count, "there is a record \(sequence) too many")
        let foretold = model.line(sequence)
        let text = String(decoding: line, as: UTF8.self)
        let holds =
            text.hasPrefix(foretold.head) && text.hasSuffix(foretold.tail)
            && line.count == foretold.head.utf8.count + 22 + foretold.tail.utf8.count
        try expect(
            holds, "line \(sequence) is \(text), not \(foretold.head)…\(foretold.tail)")
        try expect(line.count + 1 == model.byteCount(sequence), "line \(sequence) has its length")
        lines.append(line)
        model.tree.append(ModelTree.leaf(line))
    }

    // MARK: Reading something

    func read() async throws {
        switch maker.number(0...6) {
        case 0: try await readLines()
        case 1: try await readStream(maker.pickRecord(model).map { model.records[$0].stream })
        case 2: try await lookUp(maker.fresh(clock.wall))
        case 3:
            guard let place = maker.pickRecord(model) else { return }
            if let draft = model.records[place].draft { try await lookUp(draft) }
        case 4: try await readHashes()
        case 5: try await checkCheckpoint()
        default: try await proveReceipts()
        }
        trace.count("reads")
    }

    private func readLines() async throws {
        let (first, limit) = (maker.number(0...lines.count + 2), maker.number(1...40))
        let found = try await live().store.lines(from: SequenceNumber(UInt64(first)), limit: limit)
        try expect(found.count <= limit, "\(found.count) lines where \(limit) were asked for")
        try expect(found.isEmpty == (first >= lines.count), "lines from \(first): \(found.count)")
        for (place, line) in found.enumerated() {
            try expect(line == lines[first + place], "line \(first + place) has changed")
        }
        trace.add("lines \(first) \(found.count)")
    }

    private func readStream(_ name: String?) async throws {
        let text = name ?? "report/none"
        guard let stream = StreamName(text) else { return }
        let all = model.streams[text] ?? []
        let (first, limit) = (maker.number(0...all.count + 1), maker.number(1...30))
        let found = try await live().store.sequence(
            of: stream, from: Revision(UInt64(first)), limit: limit)
        try expect(
            found.map { Int($0.rawValue) } == Array(all.dropFirst(first).prefix(limit)),
            "stream \(text) from \(first): \(found)")
        trace.add("stream \(found)")
    }

    private func lookUp(_ draft: Draft) async throws {
        guard let event = try read(draft)?.event else { return }
        let known = try await live().store.look(up: [LookUp(event)])
        let newest = model.streams[draft.stream]?.last
        let tail = newest.map {
            StreamTail(
                sequence: SequenceNumber(UInt64($0)),
                revision: Revision(UInt64(model.records[$0].revision)))
        }
        let sequence = model.sequence(of: draft).map { SequenceNumber(UInt64($0)) }
        try expect(
            known == [Known(event: sequence, tail: tail)], "looking up \(draft.key): \(known)")
        trace.add("known \(sequence?.rawValue ?? 0) \(newest ?? -1)")
    }

    private func readHashes() async throws {
        let height = maker.pick([0, 8])
        let count = lines.count >> height
        guard count > 0 else { return }
        let first = maker.number(0...count - 1)
        let range = first..<min(count, first + maker.number(1...300))
        try await compareHashes(height, range)
        trace.add("hashes \(height) \(range)")
    }

    private func compareHashes(_ height: Int, _ range: Range<Int>) async throws {
        let found = try await live().store.hashes(
            level: height, UInt64(range.lowerBound)..<UInt64(range.upperBound))
        let foretold = range.map { model.tree.subtree(height, $0) }
        try expect(found == foretold, "the hashes \(range) of level \(height) are others")
    }

    func checkCheckpoint() async throws {
        guard let bytes = try await live().store.checkpoint() else {
            return try expect(model.published == 0, "there is no checkpoint")
        }
        let checkpoint = try VerifiedCheckpoint(
            verifying: bytes, of: place.origin, by: [place.key.verifierKey])
        try expect(
            checkpoint.size.rawValue == UInt64(model.published),
            "the checkpoint covers \(checkpoint.size), not \(model.published)")
        try expect(
            checkpoint.root.digest == model.tree.root(model.published),
            "the checkpoint over \(checkpoint.size) has another root")
        trace.add("checkpoint \(checkpoint.size)")
    }

    // MARK: Reading everything

    func compareAll() async throws {
        try await compareLines()
        for text in model.streams.keys.sorted() {
            guard let stream = StreamName(text) else { continue }
            let found = try await live().store.sequence(
                of: stream, from: Revision(0), limit: .max)
            let foretold = model.streams[text] ?? []
            try expect(found.map { Int($0.rawValue) } == foretold, "stream \(text): \(found)")
        }
        for record in model.records where maker.chance(12) {
            if let draft = record.draft { try await lookUp(draft) }
        }
        for height in [0, 8, 16] where lines.count >> height > 0 {
            try await compareHashes(height, 0..<lines.count >> height)
        }
        try await compareHead()
        try await checkCheckpoint()
        for receipt in receipts { try check(receipt) }
        for _ in 0..<3 { try await proveReceipts() }
        let isCovered = model.published == model.records.count
        try await place.inspect(size: model.published, isCovered: isCovered, isLast: false)
        trace.count("compared whole")
    }

    private func compareLines() async throws {
        var next = 0
        while next < lines.count {
            let more = try await live().store.lines(
                from: SequenceNumber(UInt64(next)), limit: maker.number(1...2_000))
            try expect(!more.isEmpty, "there is no line \(next)")
            for line in more {
                try expect(next < lines.count && line == lines[next], "line \(next) has changed")
                next += 1
            }
        }
    }

    private func compareHead() async throws {
        let head = try await live().store.head()
        try expect(head.size.rawValue == UInt64(lines.count), "the head is at \(head.size)")
        guard let last = model.tree.leaves.last, let record = model.records.last else { return }
        try expect(head.lastLeaf.digest == last, "the head has another leaf")
        try expect(head.recorded.microseconds == record.recorded, "the head has another time")
        try expect(
            head.tree.root(MerkleHasher()).digest == model.tree.root(lines.count),
            "the head has another root")
    }
}
