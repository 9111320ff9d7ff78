import Foundation
import TestKit

/// What a program did to the files beneath a folder, in order, as the library recorded it.
///
/// Each event is a header of 40 bytes, two paths and the bytes: four 32-bit numbers (the event, the
/// lengths of the paths, zero), then three of 64 bits (inode, a number, the length of the bytes),
/// all in the machine's order. Sources/CInterpose/trace.c writes it.
struct DiskTrace: Sendable {
    enum Event: Sendable {
        case create(path: String, inode: UInt64, mode: Int64)
        case write(inode: UInt64, offset: Int, bytes: Range<Int>)
        case truncate(inode: UInt64, size: Int)
        case sync(inode: UInt64)
        case syncFolder(path: String)
        case rename(path: String, target: String)
        case unlink(path: String)
        case makeFolder(path: String, mode: Int64)
        case removeFolder(path: String)
        case link(path: String, target: String)
        case output(Range<Int>)
        case changeMode(path: String, mode: Int64)
    }

    let bytes: [UInt8]
    let events: [Event]

    struct Unreadable: Error {}

    init(file: String) throws {
        bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        var events: [Event] = []
        var place = 0
        while place < bytes.count {
            guard let (event, next) = DiskTrace.event(bytes, at: place) else { throw Unreadable() }
            events.append(event)
            place = next
        }
        self.events = events
    }

    private static let headerBytes = 40

    private static func event(_ bytes: [UInt8], at place: Int) -> (Event, next: Int)? {
        guard place + headerBytes <= bytes.count else { return nil }
        func load<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
            bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: place + offset, as: Number.self)
            }
        }
        let (first, second) = (Int(load(4, UInt32.self)), Int(load(8, UInt32.self)))
        let (inode, number) = (load(16, UInt64.self), load(24, Int64.self))
        let start = place + headerBytes
        let content = start + first + second
        let end = content + Int(load(32, UInt64.self))
        guard end <= bytes.count else { return nil }
        let path = String(decoding: bytes[start..<start + first], as: UTF8.self)
        let target = String(decoding: bytes[start + first..<content], as: UTF8.self)
        let event: Event
        switch load(0, UInt32.self) {
        case 1: event = .create(path: path, inode: inode, mode: number)
        case 2: event = .write(inode: inode, offset: Int(number), bytes: content..<end)
        case 3: event = .truncate(inode: inode, size: Int(number))
        case 4: event = .sync(inode: inode)
        case 5: event = .syncFolder(path: path)
        case 6: event = .rename(path: path, target: target)
        case 7: event = .unlink(path: path)
        case 8: event = .makeFolder(path: path, mode: number)
        case 9: event = .removeFolder(path: path)
        case 10: event = .link(path: path, target: target)
        case 11: event = .output(content..<end)
        case 12: event = .changeMode(path: path, mode: number)
        default: return nil
        }
        return (event, end)
    }

    /// Moments to cut the power, chosen so that seldom ones come often: any; just after a change to
    /// what is no index, or to the records; around the marks of whether the index may be believed.
    func moment(_ random: inout Seeded) -> Int {
        let choices =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: Array(1...events.count)
            case 1: after { !$0.contains("/index/") }
            case 2, 3: after { $0.contains("/records/") }
            default: aroundMarks
            }
        return choices.randomElement(using: &random) ?? events.count
    }

    private func after(_ isWanted: (String) -> Bool) -> [Int] {
        var paths: [UInt64: String] = [:]
        return events.indices.compactMap { number in
            let path: String?
            switch events[number] {
            case .create(let name, let inode, _):
                paths[inode] = name
                path = name
            case .write(let inode, _, _), .truncate(let inode, _): path = paths[inode]
            case .rename(_, let name), .unlink(let name), .makeFolder(let name, _): path = name
            default: path = nil
            }
            return path.map(isWanted) == true ? number + 1 : nil
        }
    }

    private var aroundMarks: [Int] {
        events.indices.flatMap { number -> [Int] in
            guard case .rename(_, let name) = events[number], name.hasSuffix("/state.json") else {
                return []
            }
            return Array(max(1, number - 8)...min(events.count, number + 20))
        }
    }
}
