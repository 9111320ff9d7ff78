import Digests
import DurableFiles
import Phrases
import Sealing

/// The file of wrapped keys: Specs/sealing.md section 4.
///
/// A slot is written once and overwritten once, at its place; it is copied only where the whole
/// vault is.
final class SlotFile {
    private let file: ByteFile
    /// The slot after the last.
    private(set) var end: Int64

    static let slotByteCount = 128
    private static let checkByteCount = 16
    /// Slots overwritten, or read, at a time.
    private static let runMax = 1 << 13

    init(_ path: String) throws(FileError) {
        file = try ByteFile(path, .create, mode: 0o600)
        end = Int64(try file.size() + SlotFile.slotByteCount - 1) / Int64(SlotFile.slotByteCount)
    }

    /// Writes keys behind the last slot and syncs; gives the first one's number.
    func append(_ keys: [WrappedKey]) throws(FileError) -> Int64 {
        let first = end
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keys.count * SlotFile.slotByteCount)
        for key in keys { bytes += SlotFile.bytes(key) }
        try file.write(bytes, at: SlotFile.offset(first))
        try file.sync()
        end += Int64(keys.count)
        return first
    }

    /// The key in a slot; nil if it is not what was written there.
    func key(at slot: Int64) throws(FileError) -> WrappedKey? {
        let bytes = try file.read(SlotFile.slotByteCount, at: SlotFile.offset(slot))
        guard bytes.count == SlotFile.slotByteCount else { return nil }
        let body = bytes.dropLast(SlotFile.checkByteCount)
        guard
            SHA256.digest(of: body).bytes.prefix(SlotFile.checkByteCount)
                .elementsEqual(bytes.suffix(SlotFile.checkByteCount)),
            let handle = KeyHandle(bytes[..<16]), let holder = HolderID(bytes[16..<32])
        else { return nil }
        return WrappedKey(
            handle: handle, holder: holder, encapsulated: Array(bytes[32..<64]),
            ciphertext: Array(bytes[64..<112]))
    }

    /// Copies all slots, those that are overwritten too, into a new file and syncs it.
    func copy(to path: String) throws(FileError) {
        let copy = try ByteFile(path, .create, mode: 0o600)
        for first in stride(from: 0, to: end, by: SlotFile.runMax) {
            let count = Int(min(end - first, Int64(SlotFile.runMax)))
            let bytes = try file.read(
                count * SlotFile.slotByteCount, at: SlotFile.offset(first))
            try copy.write(bytes, at: SlotFile.offset(first))
        }
        try copy.sync()
    }

    /// Overwrites slots, syncs, and reads them back; false if one is not empty then.
    func destroy(_ slots: [Int64]) throws(FileError) -> Bool {
        guard !slots.isEmpty else { return true }
        let empty = [UInt8](repeating: 0, count: SlotFile.slotByteCount)
        for slot in slots { try file.write(empty, at: SlotFile.offset(slot)) }
        try file.sync()
        for slot in slots {
            guard try file.read(SlotFile.slotByteCount, at: SlotFile.offset(slot)) == empty
            else { return false }
        }
        return true
    }

    /// Overwrites and cuts off what stands from `slot` on, the leftovers of a crash.
    func cut(from slot: Int64) throws(FileError) {
        guard end > slot else { return }
        var place = slot
        while place < end {
            let count = Int(min(end - place, Int64(SlotFile.runMax)))
            try file.write(
                [UInt8](repeating: 0, count: count * SlotFile.slotByteCount),
                at: SlotFile.offset(place))
            place += Int64(count)
        }
        try file.sync()
        try file.truncate(to: SlotFile.offset(slot))
        try file.sync()
        end = slot
    }

    private static func offset(_ slot: Int64) -> Int { Int(slot) * slotByteCount }

    private static func bytes(_ key: WrappedKey) -> [UInt8] {
        let body =
            key.handle.bytes + key.holder.bytes + key.sealed.encapsulated + key.sealed.ciphertext
        return body + SHA256.digest(of: body).bytes.prefix(checkByteCount)
    }
}
