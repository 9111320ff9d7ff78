import AuditSources
import Auditing
import Checkpoints
import DurableFiles
import Merkle
import Phrases

/// How far copying or auditing is.
package struct BackupProgress: Sendable {
    package enum Step: Sendable {
        case copying, auditing
    }

    package let step: Step
    package let bytesDone: Int
    package let bytesTotal: Int
}

/// Copies what a checkpoint over `size` records covers from one ledger's folder to another.
///
/// Nothing of the source is changed. What the target has already is kept where it may not change,
/// and compared where it may.
struct LedgerCopy {
    let source: String
    let target: String
    let size: UInt64
    /// Records of the target that count already: they are never written in place.
    var kept: UInt64 = 0
    var withKeys = false
    let progress: (BackupProgress) -> Void

    /// What was copied.
    struct Copied {
        var files = 0
        var byteCount = 0
    }

    private static let blockByteCount = 1 << 20

    func run() throws -> Copied {
        var copied = Copied()
        for folder in ["records", "checkpoints"] {
            try DurableFile.makeFolders(target + "/" + folder)
        }
        try DurableFile.syncPath(to: target + "/records")
        try copyKept("catalogue", &copied)
        try copyKept("attachments/sha256", &copied)
        try copyKept("checkpoints/keys", &copied)
        try copyTimestamps(&copied)
        if withKeys {
            try DurableFile.makeFolders(target + "/keys", mode: 0o700)
            try copyWhole("keys/ledger.key", mode: 0o600, &copied)
        }
        try copyWhole("ledger.yaml", &copied)
        try copyRecords(&copied)
        return copied
    }

    // MARK: Files that never change

    /// Copies what is not there yet, in this folder and those in it.
    private func copyKept(_ folder: String, _ copied: inout Copied) throws {
        for name in try DurableFile.names(in: source + "/" + folder) {
            let path = folder + "/" + name
            if DurableFile.isFolder(source + "/" + path) {
                try copyKept(path, &copied)
            } else if !name.hasPrefix("incoming-"), !name.hasSuffix(".new"),
                !DurableFile.exists(target + "/" + path)
            {
                try DurableFile.makeFolders(target + "/" + folder)
                try copyWhole(path, &copied)
            }
        }
        // A copy that was killed may have left names that were not synced.
        for one in [folder, DurableFile.parent(folder)] where one != "." {
            let place = target + "/" + one
            if DurableFile.isFolder(place) { try DurableFile.syncFolder(place) }
        }
    }

    /// One that was made since covers more than the copy has.
    private func copyTimestamps(_ copied: inout Copied) throws {
        let folder = "checkpoints/timestamped"
        for name in try DurableFile.names(in: source + "/" + folder)
        where KeptTimestamp.number(folder: name) != nil {
            let path = "\(folder)/\(name)/message"
            let limit = StampedMessage.byteCountMax + 1
            guard let bytes = try DurableFile.contents(source + "/" + path, limit: limit),
                let message = StampedMessage(bytes), message.checkpoint.size.rawValue <= size
            else { continue }
            try copyKept("\(folder)/\(name)", &copied)
        }
        let place = target + "/" + folder
        if DurableFile.isFolder(place) { try DurableFile.syncFolder(DurableFile.parent(place)) }
    }

    private func copyWhole(_ path: String, mode: UInt32 = 0o644, _ copied: inout Copied) throws {
        let draft = target + "/" + path + ".new"
        let from = try ByteFile(source + "/" + path, .read)
        let to = try ByteFile(draft, .create, mode: mode)
        try to.truncate(to: 0)
        var place = 0
        while case let block = try from.read(LedgerCopy.blockByteCount, at: place), !block.isEmpty {
            try to.write(block, at: place)
            place += block.count
        }
        try to.sync()
        try DurableFile.move(draft, to: target + "/" + path)
        copied.files += 1
        copied.byteCount += place
    }

    // MARK: Records

    private func copyRecords(_ copied: inout Copied) throws {
        let segments = try LedgerFolder(source).segments().segments
        let total = segments.reduce(0) { $0 + $1.byteCount }
        var done = 0
        for (place, segment) in segments.enumerated() where segment.first < size {
            let next = place + 1 < segments.count ? segments[place + 1].first : UInt64.max
            try copy(segment, through: min(next, size), isSealed: next <= size, &copied)
            done += segment.byteCount
            progress(BackupProgress(step: .copying, bytesDone: done, bytesTotal: total))
        }
        try DurableFile.syncFolder(target + "/records")
    }

    /// Copies the lines of a segment up to the record `end`.
    private func copy(
        _ segment: Segment, through end: UInt64, isSealed: Bool, _ copied: inout Copied
    ) throws {
        let path = target + "/" + segment.file
        let there = try DurableFile.exists(path) ? ByteFile(path, .read).size() : 0
        // A sealed segment that counted already is the audit's affair: it re-reads every byte.
        if isSealed, end <= kept, there == segment.byteCount { return }
        let from = try ByteFile(source + "/" + segment.file, .read)
        let same = try commonByteCount(from, path, there)
        let counted = try countedByteCount(path, segment, there)
        guard same >= counted else { throw differs(segment, at: same) }
        try append(from, same, to: path, end - segment.first, &copied)
    }

    /// How many bytes the file at `path` has in common with `from` at their beginning.
    private func commonByteCount(_ from: ByteFile, _ path: String, _ there: Int) throws -> Int {
        guard there > 0 else { return 0 }
        let file = try ByteFile(path, .read)
        var place = 0
        while place < there {
            let block = try file.read(LedgerCopy.blockByteCount, at: place)
            let other = try from.read(block.count, at: place)
            guard other == block else {
                return place + (zip(block, other).prefix { $0 == $1 }).count
            }
            place += block.count
        }
        return place
    }

    /// How many bytes of the target's segment count already.
    private func countedByteCount(
        _ path: String, _ segment: Segment, _ there: Int
    ) throws -> Int {
        guard kept > segment.first, there > 0 else { return 0 }
        let file = try ByteFile(path, .read)
        var (place, left) = (0, kept - segment.first)
        while case let block = try file.read(LedgerCopy.blockByteCount, at: place), !block.isEmpty {
            if let end = LedgerCopy.end(ofLines: &left, in: block) { return place + end }
            place += block.count
        }
        return place
    }

    /// What counts is never written over: it may be the last sound copy.
    private func differs(_ segment: Segment, at place: Int) -> BackupError {
        BackupError(
            .refused,
            en: "\(segment.file) in the ledger differs from the backup's at byte \(place), below "
                + "what the backup covers: one of them was changed. The backup was left as it "
                + "is; run hanqing verify on both. If lines were withheld since, make a new "
                + "backup in a new folder",
            zh: "账本的 \(segment.file) 在第 \(place) 字节处与备份不同，该处属于备份已涵盖的内容：两者之一被改动。"
                + "备份保持原样；请对两者分别运行 hanqing verify。若此后有行被遮蔽，请在新目录中另行备份")
    }

    /// Makes the file at `path` the first `lines` lines of `from`; `same` bytes are there already.
    private func append(
        _ from: ByteFile, _ same: Int, to path: String, _ lines: UInt64, _ copied: inout Copied
    ) throws {
        let file = try ByteFile(path, .create)
        var (place, left) = (0, lines)
        while left > 0 {
            var block = try from.read(LedgerCopy.blockByteCount, at: place)
            guard !block.isEmpty else { break }
            if let end = LedgerCopy.end(ofLines: &left, in: block) {
                block.removeLast(block.count - end)
            }
            if place + block.count > same {
                let fresh = block[max(0, same - place)...]
                try file.write(fresh, at: place + fresh.startIndex)
                copied.byteCount += fresh.count
            }
            place += block.count
        }
        try file.truncate(to: place)
        try file.sync()
        copied.files += 1
    }

    /// Where the last wanted line ends in `block`; nil, and `left` reduced, if more are wanted.
    private static func end(ofLines left: inout UInt64, in block: [UInt8]) -> Int? {
        for (place, byte) in block.enumerated() where byte == 0x0A {
            left -= 1
            if left == 0 { return place + 1 }
        }
        return nil
    }
}
