import Foundation
import Glibc
import TestKit

/// What a disk has after a power cut, chosen at random within what was promised.
struct PowerCut: Sendable {
    /// In which order changes of names reach the disk.
    enum Order: String, CaseIterable, Sendable {
        /// As a journal writes them: all of the file system up to some moment.
        case journal
        /// Each folder for itself up to some moment.
        case folders
        /// Any of those since the folder's last sync, without the others.
        case independent
    }

    let order: Order
    /// The number of the first event that did not happen any more.
    let end: Int
    private let survival: DiskFile.Survival
    private let nameProbability: Double

    init(at end: Int, _ random: inout Seeded) {
        self.end = end
        order = Order.allCases.randomElement(using: &random) ?? .journal
        nameProbability = [0, 0.1, 0.5, 0.9, 1].randomElement(using: &random) ?? 0.5
        switch Int.random(in: 0..<10, using: &random) {
        case 0: survival = .nothing
        case 1: survival = .everything
        case 2, 3: survival = .prefix
        default:
            survival = .pages(
                probability: [0.1, 0.5, 0.9, 1].randomElement(using: &random) ?? 0.5)
        }
    }

    /// All that was done: what the program saw.
    init(everythingOf trace: DiskTrace) {
        (order, end, survival, nameProbability) = (.journal, trace.events.count, .everything, 1)
    }

    /// Writes the disk into `folder`, which is made.
    func write(_ disk: DiskModel, to folder: String, _ random: inout Seeded) throws {
        var names: [ObjectIdentifier: [String: DiskModel.Node]] = [:]
        for one in disk.folders { names[ObjectIdentifier(one)] = one.base }
        for change in surviving(disk, &random) {
            for (folder, name, node) in change.places {
                names[ObjectIdentifier(folder), default: [:]][name] = node
            }
        }
        try write(disk.root, to: folder, names, &random)
    }

    private func surviving(
        _ disk: DiskModel, _ random: inout Seeded
    ) -> [DiskModel.NameChange] {
        let happened = disk.changes.filter { $0.event < end }
        if case .everything = survival, nameProbability == 1 { return happened }
        var synced: [ObjectIdentifier: Int] = [:]
        for one in disk.folders {
            synced[ObjectIdentifier(one)] = one.syncs.last { $0 < end } ?? -1
        }
        func since(_ change: DiskModel.NameChange) -> Int {
            synced[ObjectIdentifier(change.home)] ?? -1
        }
        switch order {
        case .journal:
            let least = synced.values.max() ?? -1
            let moment = Int.random(in: least...end, using: &random)
            return happened.filter { $0.event < moment }
        case .folders:
            var moments: [ObjectIdentifier: Int] = [:]
            for one in disk.folders {
                let least = synced[ObjectIdentifier(one)] ?? -1
                moments[ObjectIdentifier(one)] = Int.random(in: least...end, using: &random)
            }
            return happened.filter { $0.event < moments[ObjectIdentifier($0.home)] ?? -1 }
        case .independent:
            return happened.filter {
                $0.event < since($0) || Double.random(in: 0..<1, using: &random) < nameProbability
            }
        }
    }

    private func write(
        _ folder: DiskModel.Folder, to path: String,
        _ names: [ObjectIdentifier: [String: DiskModel.Node]], _ random: inout Seeded
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let own = names[ObjectIdentifier(folder)] ?? [:]
        for (name, node) in own.sorted(by: { $0.key < $1.key }) {
            let place = path + "/" + name
            switch node {
            case .folder(let folder): try write(folder, to: place, names, &random)
            case .file(let file):
                let bytes = file.content(at: end, survival, &random)
                try Data(bytes).write(to: URL(filePath: place))
                chmod(place, mode_t(file.mode & 0o777))
            }
        }
        chmod(path, mode_t(folder.mode & 0o777))
    }
}

extension PowerCut: CustomStringConvertible {
    var description: String { "cut before event \(end), \(order.rawValue), \(survival)" }
}
