import Digests
import Foundation
import Sealing
import VaultStore

/// Sealing and opening values, and the vault that has their keys.
struct SealingSection {
    private let folder: String
    private let subjects: Int
    private let group: HolderGroup
    private let clock = ContinuousClock()

    private static let origin = "bench.example"
    private static let values = 20_000
    private static let openings = 10_000
    private static let linksAtOnce = 1_000
    private static let subjectsMax = 1_000_000
    private static let chance: Chance = { RandomBytes.secret(count: $0) }

    init?(folder: String, records: Int) {
        guard let group = HolderGroup("sealed") else { return nil }
        (self.folder, self.group) = (folder + "/vault", group)
        subjects = max(10_000, min(records, SealingSection.subjectsMax))
    }

    func run(_ report: inout Report) async throws {
        for algorithm in BoxAlgorithm.allCases { try boxes(algorithm, &report) }
        let keepers = (0..<2).map { _ in X25519PrivateKey.generate() }
        let vault = try VaultStore(folder, origin: SealingSection.origin)
        for (number, keeper) in keepers.enumerated() {
            try await vault.add(
                Holder(name: "\(number)", publicKey: keeper.publicKey, groups: [group]))
        }
        try await draw(vault, &report)
        let places = try await fill(vault, keepers, &report)
        try await open(vault, keepers[0], places, &report)
        try await shred(vault, &report)
        try await vault.close()
        try await SealedAppending(folder: folder + "-ledger").run(&report)
    }

    private func add(
        _ name: String, _ count: Int, _ start: ContinuousClock.Instant, _ report: inout Report
    ) {
        let seconds = (clock.now - start).inSeconds
        report.add(Figure("sealing", name, Double(count) / seconds, "/s"))
    }

    private func place(_ number: Int) -> BoxPlace {
        BoxPlace(
            origin: SealingSection.origin, source: "urn:bench", id: "\(number)",
            pointer: "/data/reporterName")
    }

    private func boxes(_ algorithm: BoxAlgorithm, _ report: inout Report) throws {
        let value = Array(#""张三，13800000000""#.utf8)
        let key = DataKey(SealingSection.chance)
        let start = clock.now
        let sealed = try (0..<SealingSection.values).map { number in
            try value.withUnsafeBytes {
                try SealedBox(sealing: $0, with: key, at: place(number), algorithm)
            }
        }
        add("values sealed, \(algorithm.rawValue)", sealed.count, start, &report)
        let again = clock.now
        for (number, box) in sealed.enumerated() {
            _ = try box.open(with: key, at: place(number))
        }
        add("values opened, \(algorithm.rawValue)", sealed.count, again, &report)
    }

    /// What appending would wait for if the stock were empty.
    private func draw(_ vault: VaultStore, _ report: inout Report) async throws {
        let stock = KeyStock(
            vault, origin: SealingSection.origin, chance: SealingSection.chance,
            isRecorded: { _ in true })
        let (count, start) = (2_048, clock.now)
        for _ in 0..<count { _ = try await stock.draw(group) }
        add("keys drawn, wrapped to two holders, 64 at once", count, start, &report)
        try await stock.drop()
    }

    /// A vault of many subjects, each with one key, a hundredth of them with real ones.
    private func fill(
        _ vault: VaultStore, _ keepers: [X25519PrivateKey], _ report: inout Report
    ) async throws -> [(box: SealedBox, place: BoxPlace)] {
        var sealed: [(box: SealedBox, place: BoxPlace)] = []
        var kept = Duration.zero
        var linked = Duration.zero
        let real = SealingSection.openings / 10
        for first in stride(from: 0, to: subjects, by: SealingSection.linksAtOnce) {
            let numbers = first..<min(first + SealingSection.linksAtOnce, subjects)
            let keys = DataKey.make(numbers.count, SealingSection.chance)
            var wrapped: [WrappedKey] = []
            for (number, key) in zip(numbers, keys) {
                if number < real {
                    let box = try Array(#""张三""#.utf8).withUnsafeBytes {
                        try SealedBox(sealing: $0, with: key, at: place(number))
                    }
                    sealed.append((box, place(number)))
                }
                for keeper in keepers {
                    wrapped.append(wrap(key, keeper.publicKey, isReal: number < real))
                }
            }
            kept += try await clock.measure { try await vault.keep(wrapped) }
            let links = zip(numbers, keys).map { SubjectLink($1.handle, to: "P-\($0)") }
            linked += try await clock.measure { try await vault.assign(links) }
        }
        report.add([
            Figure(
                "sealing", "keys kept for two holders, 1,000 at once",
                Double(subjects) / kept.inSeconds, "/s"),
            Figure(
                "sealing", "keys linked to subjects, 1,000 at once",
                Double(subjects) / linked.inSeconds, "/s"),
        ])
        return sealed
    }

    /// Most are never opened; bytes of the right length stand for them.
    private func wrap(
        _ key: DataKey, _ holder: X25519PublicKey, isReal: Bool
    ) -> WrappedKey {
        let bytes = RandomBytes.make(count: isReal ? 0 : WrappedKey.ciphertextByteCount)
        let stand = WrappedKey(
            handle: key.handle, holder: HolderID(holder),
            encapsulated: Array(bytes.prefix(WrappedKey.encapsulatedByteCount)),
            ciphertext: bytes)
        return stand
            ?? WrappedKey(key, to: holder, origin: SealingSection.origin, SealingSection.chance)
    }

    /// Looked up, unwrapped, opened.
    private func open(
        _ vault: VaultStore, _ keeper: X25519PrivateKey,
        _ sealed: [(box: SealedBox, place: BoxPlace)], _ report: inout Report
    ) async throws {
        let (id, start) = (HolderID(keeper.publicKey), clock.now)
        var opened = 0
        while opened < SealingSection.openings {
            let (box, place) = sealed[opened % sealed.count]
            guard let wrapped = try await vault.wrappedKey(of: box.handle, for: id) else { return }
            let key = try wrapped.unwrap(with: keeper, origin: SealingSection.origin)
            _ = try box.open(with: key, at: place)
            opened += 1
        }
        add("openings: looked up, unwrapped, opened", opened, start, &report)
    }

    private func shred(_ vault: VaultStore, _ report: inout Report) async throws {
        var times: [Double] = []
        for number in 0..<21 {
            let subject = "P-\((number * 104_729 + 7) % subjects)"
            let time = try await clock.measure {
                _ = try await vault.shred(subject, on: "2026-01-01")
            }
            times.append(time.inSeconds * 1_000)
        }
        report.add(
            Figure(
                "sealing", "one of \(subjects) subjects shredded, middle of 21",
                times.sorted()[10], "ms"))
    }
}
