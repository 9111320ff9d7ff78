import CanonicalJSON
import Digests
import Foundation
import TestKit

// MARK: - Segments and checkpoint

extension Mutator {
    /// A size at which the ledger could have been copied.
    func end(_ random: inout Seeded) -> Int {
        while true {
            let size = Int.random(in: 3..<sound.lines.count, using: &random)
            if sound.isEnd(size) { return size }
        }
    }

    func segments(_ kind: Mutation.Kind, _ random: inout Seeded) -> Mutation {
        let place = Int.random(in: sound.segments.indices, using: &random)
        let segment = sound.segments[place]
        let bytes = sound.files[segment.file] ?? []
        var mutation = Mutation(kind, segment.file)
        switch kind {
        case .segmentCut:
            mutation.files[segment.file] = Array(
                bytes.prefix(.random(in: 0..<bytes.count - 1, using: &random)))
        case .segmentMissing: mutation.files[segment.file] = .some(nil)
        case .segmentRenamed:
            let name = "records/" + newName(segment, &random) + ".ndjson"
            mutation.what += " now \(name)"
            mutation.files[segment.file] = .some(nil)
            mutation.files[name] = bytes
            if name.utf8.count == 27 {
                mutation.named = segment.records.lowerBound...segment.records.lowerBound
            } else {
                mutation.file = name
            }
        default:
            let other = sound.segments.randomElement(using: &random) ?? segment
            mutation.what += " and \(other.file)"
            mutation.files[segment.file] = sound.files[other.file]
            mutation.files[other.file] = bytes
        }
        return mutation
    }

    /// A number that is not the first record's, or no number of 12 digits.
    private func newName(_ segment: SoundLedger.Segment, _ random: inout Seeded) -> String {
        let first = segment.records.lowerBound
        if Bool.random(using: &random) { return "\(first)" }
        let next = segment.records.upperBound
        let number = Int.random(in: first..<max(next, first + 2), using: &random) + 1
        return SoundLedger.digits(number)
    }

    func checkpointFlip(_ random: inout Seeded) -> Mutation {
        let path = "checkpoints/latest"
        var bytes = sound.files[path] ?? []
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        var mutation = Mutation(.checkpointFlip, "byte \(place) of \(path)")
        mutation.files[path] = bytes
        mutation.file = path
        return mutation
    }

    /// An older checkpoint of the same ledger; the records stay.
    func checkpointPutBack(_ random: inout Seeded) throws -> Mutation {
        let size = end(&random)
        var mutation = Mutation(.checkpointPutBack, "the checkpoint is that of \(size) records")
        mutation.files["checkpoints/latest"] = try sound.checkpoint(size)
        mutation.usesMemory = true
        (mutation.code, mutation.range) = ("rolled-back", size...sound.lines.count - 1)
        mutation.hasSecondOpinion = false
        return mutation
    }

    /// A copy of an earlier day: the records and the checkpoint of then.
    func rolledBack(_ kind: Mutation.Kind, _ random: inout Seeded) throws -> Mutation {
        let size = end(&random)
        var draft = LogDraft(sound)
        var mutation = Mutation(kind, "to \(size) records")
        for (record, clear) in sound.clear where record < size && clear.backing >= size {
            draft.replace(record, by: clear.line[...])
        }
        mutation.files = draft.files().mapValues { $0 }
        let place = sound.segment(of: size)
        for later in sound.segments[(place + 1)...] { mutation.files[later.file] = .some(nil) }
        let segment = sound.segments[place]
        let last = sound.lines[segment.records.lowerBound..<size].indices.flatMap {
            draft.line($0) + [0x0A]
        }
        mutation.files[segment.file] = last.isEmpty ? .some(nil) : last
        mutation.files["checkpoints/latest"] = try sound.checkpoint(size)
        mutation.usesMemory = kind == .rolledBackMemory
        if kind == .rolledBackKept { mutation.kept = try sound.checkpoint(sound.lines.count) }
        (mutation.code, mutation.range) = ("rolled-back", size...sound.lines.count - 1)
        if kind == .rolledBackAlone {
            (mutation.code, mutation.range, mutation.verdict) = (nil, nil, .notFound)
        } else {
            mutation.hasSecondOpinion = false
        }
        return mutation
    }
}

// MARK: - Files beside the log

extension Mutator {
    /// A file that a record names by its digest: a bit, its end, all of it, or another's contents.
    func file(
        _ kind: Mutation.Kind, under folder: String, _ random: inout Seeded
    ) throws -> Mutation {
        let paths = sound.files.keys.filter { $0.hasPrefix(folder) }.sorted()
        guard let path = paths.randomElement(using: &random),
            let other = paths.randomElement(using: &random), var bytes = sound.files[path]
        else { throw CampaignError("no file under \(folder)") }
        var mutation = Mutation(kind, path)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: mutation.files[path] = .some(nil)
        case 1: mutation.files[path] = Array(bytes.dropLast())
        case 2: mutation.files[path] = sound.files[other] ?? []
        default:
            let place = Int.random(in: bytes.indices, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            mutation.files[path] = bytes
        }
        mutation.file = path
        mutation.hasSecondOpinion = false
        let record = try naming(path)
        mutation.named = record...record
        return mutation
    }

    /// The first record that names the file by its digest.
    private func naming(_ path: String) throws -> Int {
        if path.hasPrefix("catalogue/") { return 1 }
        let digest = String(path.suffix(64))
        let record = sound.lines.firstIndex { $0.contains(#""sha256":"\#(digest)""#.utf8) }
        guard let record else { throw CampaignError("no record names \(path)") }
        return record
    }

    func index(_ kind: Mutation.Kind, _ random: inout Seeded) -> Mutation {
        let paths = sound.files.keys.filter {
            $0.hasPrefix("index/") && sound.files[$0]?.isEmpty == false
        }.sorted()
        guard let path = paths.randomElement(using: &random), var bytes = sound.files[path] else {
            return Mutation(kind, "no index")
        }
        var mutation = Mutation(kind, path)
        (mutation.verdict, mutation.hasSecondOpinion) = (.foundOrHarmless, false)
        switch kind {
        case .indexFlip:
            let place = Int.random(in: bytes.indices, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            mutation.what += ", byte \(place)"
            mutation.files[path] = bytes
        case .indexTruncated:
            let keep = Int.random(in: 0..<bytes.count, using: &random)
            mutation.what += ", first \(keep) bytes"
            mutation.files[path] =
                Bool.random(using: &random) ? Array(bytes.prefix(keep)) : .some(nil)
        default: swap(path, paths, &mutation, &random)
        }
        return mutation
    }

    /// Two files, or the two indexes of names as a whole.
    private func swap(
        _ path: String, _ paths: [String], _ mutation: inout Mutation, _ random: inout Seeded
    ) {
        if Int.random(in: 0..<4, using: &random) == 0 {
            mutation.what = "index/ids and index/streams"
            for (one, two) in [("ids", "streams"), ("streams", "ids")] {
                for path in paths where path.hasPrefix("index/\(one)/") {
                    let there = "index/\(two)/" + path.dropFirst("index/\(one)/".count)
                    mutation.files[there] = sound.files[path]
                    if mutation.files[path] == nil { mutation.files[path] = .some(nil) }
                }
            }
            return
        }
        // Half of the time its namesake in the other index.
        let twin =
            path.contains("/ids/")
            ? path.replacing("/ids/", with: "/streams/")
            : path.replacing("/streams/", with: "/ids/")
        let other =
            Bool.random(using: &random) && paths.contains(twin)
            ? twin : paths.randomElement(using: &random) ?? path
        mutation.what += " and \(other)"
        mutation.files[path] = sound.files[other]
        mutation.files[other] = sound.files[path]
    }
}
