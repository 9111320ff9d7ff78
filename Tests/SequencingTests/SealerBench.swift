import CanonicalJSON
import Catalogue
import Checkpoints
import Digests
import LedgerData
import LedgerStore
import Logging
import Merkle
import Records
import Sealing
import Sequencing
import TestKit

/// A ledger in memory that seals, with a small catalogue, holders in the hand and a vault that can
/// be told to fail.
struct SealerBench: Sendable {
    let store = MemoryStore()
    let vault = FailingVault()
    let clock = HeldClock()
    let catalogue: EventCatalogue
    let sequencer: Sequencer
    let keeper: VaultMaker.Keeper
    let outside: VaultMaker.Keeper
    private(set) var sealer: Sealer

    static let origin = "bench.example"

    private init() throws {
        let (name, origin) = (KeyName(SealerBench.origin), Origin(SealerBench.origin))
        guard let name, let origin else { throw Bench.Broken() }
        catalogue = try EventCatalogue(files: SealerBench.files)
        sequencer = Sequencer(
            store: store, signer: CheckpointSigner(SignerKey.generate(name: name)),
            origin: origin, catalogue: catalogue, clock: clock.ledgerClock,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        keeper = SealerBench.keeper("keeper", ["sealed", "sensitive"])
        outside = SealerBench.keeper("outside", ["outside"])
        sealer = SealerBench.sealer(store, vault, catalogue, clock, [keeper, outside])
    }

    static func make() async throws -> SealerBench {
        let bench = try SealerBench()
        try await bench.vault.add(bench.keeper.holder)
        try await bench.vault.add(bench.outside.holder)
        return bench
    }

    /// As after a restart: nothing of what was sealed is remembered.
    mutating func restart(_ recorded: [VaultMaker.Keeper]? = nil) {
        sealer = SealerBench.sealer(
            store, vault, catalogue, clock, recorded ?? [keeper, outside])
    }

    private static func sealer(
        _ store: MemoryStore, _ vault: FailingVault, _ catalogue: EventCatalogue,
        _ clock: HeldClock, _ recorded: [VaultMaker.Keeper]
    ) -> Sealer {
        let stock = KeyStock(
            vault, origin: origin, batch: 4, chance: VaultMaker.chance,
            isRecorded: { holder in recorded.contains { $0.holder == holder } })
        return Sealer(
            store: store, vault: vault, stock: stock, origin: origin, catalogue: catalogue,
            clock: clock.ledgerClock, chance: VaultMaker.chance)
    }

    private static func keeper(_ name: String, _ groups: [String]) -> VaultMaker.Keeper {
        VaultMaker.holder(name, groups: Set(groups.compactMap { HolderGroup($0) }))
    }

    // MARK: - Submitting

    func tip(
        _ id: String, stream: String = "tip/T-1", _ secrets: [JSONMember],
        more: [JSONMember] = [], attributes: [JSONMember] = []
    ) throws -> ValidatedEvent {
        let clear = [
            JSONMember("operator", ["person": "P-1", "unit": "虚构单位"]),
            JSONMember("text", "虚构"),
        ]
        return try read(
            EventMaker.json(
                id: id, stream: stream, type: "tip.given", data: .object(clear + more + secrets),
                more: attributes))
    }

    func correction(
        _ id: String, of place: Acceptance.Place, _ corrected: JSONValue
    ) throws -> ValidatedEvent {
        try read(
            EventMaker.json(
                id: id, stream: "tip/T-1", type: "entry.corrected",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"], "approver": "P-2",
                    "corrects": [
                        "seq": .integer(Int64(place.sequence.rawValue)),
                        "leafHash": .string(place.leafHash.digest.hex), "reason": "misrecorded",
                    ], "corrected": corrected,
                ]))
    }

    func read(_ json: JSONValue, seals: Bool = true) throws -> ValidatedEvent {
        let intake = Intake(catalogue, clock: clock.ledgerClock, seals: seals) { _ in false }
        return try json.canonicalBytes.withUnsafeBytes { try intake.read($0) }
    }

    func submit(
        _ events: [ValidatedEvent], by recorder: String = "svc:bench"
    ) async throws -> Answer {
        let group = try await sealer.seal([Submission(events, recorder: recorder)])
        do {
            let answers = group.answers(try await sequencer.submit(all: group.ready))
            await sealer.finish(group, answers)
            return answers[0]
        } catch {
            await sealer.finish(group, [])
            throw error
        }
    }

    func accepted(
        _ events: [ValidatedEvent], by recorder: String = "svc:bench"
    ) async throws -> [Acceptance.Place] {
        switch try await submit(events, by: recorder) {
        case .accepted(let acceptance): return acceptance.places
        case .refused(let refused): throw refused[0].refusals[0]
        case .busy: throw Bench.Broken()
        }
    }

    func refused(
        _ events: [ValidatedEvent], by recorder: String = "svc:bench"
    ) async throws -> [RefusedEvent] {
        guard case .refused(let refused) = try await submit(events, by: recorder) else {
            throw Bench.Broken()
        }
        return refused
    }

    // MARK: - Looking

    func lines() async -> [[UInt8]] {
        let size = await store.head().size
        return size == .zero ? [] : await store.lines(from: SequenceNumber(0), limit: 10_000)
    }

    func event(_ place: Acceptance.Place) async throws -> JSONValue {
        let line = await store.lines(from: place.sequence, limit: 1).first ?? []
        return try JSONValue(parsing: line)["event"] ?? .null
    }

    /// What a holder reads in a member of a recorded event; nil if he has no key to it.
    func value(
        _ member: String, of event: JSONValue, _ keeper: VaultMaker.Keeper,
        at pointer: String = "/data"
    ) async throws -> String? {
        let data = pointer == "/data" ? event["data"] : event["data"]?["corrected"]
        let box = try SealedBox(data?[member] ?? .null)
        guard let wrapped = await vault.wrappedKey(of: box.handle, for: keeper.holder.id) else {
            return nil
        }
        let key = try wrapped.unwrap(with: keeper.key, origin: SealerBench.origin)
        let place = BoxPlace(
            origin: SealerBench.origin, source: event["source"]?.string ?? "",
            id: event["id"]?.string ?? "", pointer: "\(pointer)/\(member)")
        return try box.open(with: key, at: place)
            .withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static var files: [String: [UInt8]] {
        LedgerData.catalogueFiles.filter {
            !$0.key.hasPrefix("procedures/") && $0.key != "registers.yaml"
                && $0.key != "indicators.yaml"
        }.merging([
            "plan.yaml": Array("measures: []\n".utf8),
            "procedures/tip.yaml": Array(procedure.utf8),
        ]) { $1 }
    }

    private static let procedure = """
        procedure: tip
        zh: 线索
        en: Tip
        plan: []
        caseId: "T-{n}"
        owner: office
        stages:
          - {id: given, zh: 已提供, en: Given}
        events:
          - event: given
            zh: 提供
            en: Given
            by: [office]
            stage: given
            sealing: {group: outside, when: aboutUs}
            fields:
              - {name: text, type: text, required: true, zh: 内容, en: Text}
              - {name: aboutUs, type: boolean, zh: 涉及本机关, en: About us}
              - {name: name, type: string, class: sealed, zh: 姓名, en: Name}
              - {name: names, type: string, list: true, class: sealed, zh: 同行人, en: Names}
              - {name: identity, type: residentId, class: sensitive, zh: 号码, en: Identity}
              - {name: story, type: text, class: sealed, maxBytes: 40000, zh: 经过, en: Story}
              - name: abode
                type: record
                class: sealed
                zh: 住址
                en: Home
                members:
                  - {name: street, type: string, zh: 街道, en: Street}
                  - {name: code, type: region, zh: 区划, en: Region}
        """
}

/// A vault in memory whose next step fails, before or after it took effect.
actor FailingVault: KeyVault {
    enum Step { case keep, assign, holders }
    enum Half: CaseIterable { case before, after }

    private let vault = MemoryVault()
    private var failing: (step: Step, half: Half)?

    func fail(_ step: Step, _ half: Half) { failing = (step, half) }

    private func failing(_ step: Step, _ half: Half) throws(VaultError) {
        guard let failing, failing.step == step, failing.half == half else { return }
        self.failing = nil
        throw VaultError(.unavailable, en: "the disk failed", zh: "磁盘故障")
    }

    func holders() async throws(VaultError) -> [Holder] {
        try failing(.holders, .before)
        return await vault.holders()
    }

    func keep(_ keys: [WrappedKey]) async throws(VaultError) {
        try failing(.keep, .before)
        try await vault.keep(keys)
        try failing(.keep, .after)
    }

    func assign(_ links: [SubjectLink]) async throws(VaultError) {
        try failing(.assign, .before)
        try await vault.assign(links)
        try failing(.assign, .after)
    }

    func add(_ holder: Holder) async throws(VaultError) { try await vault.add(holder) }
    func retire(_ holder: HolderID) async throws(VaultError) { try await vault.retire(holder) }
    func discard(_ handles: [KeyHandle]) async throws(VaultError) {
        try await vault.discard(handles)
    }
    func state(of handle: KeyHandle) async -> HandleState { await vault.state(of: handle) }
    func wrappedKey(of handle: KeyHandle, for holder: HolderID) async -> WrappedKey? {
        await vault.wrappedKey(of: handle, for: holder)
    }
    func handles(wrappedTo holder: HolderID, limit: Int) async -> [KeyHandle] {
        await vault.handles(wrappedTo: holder, limit: limit)
    }
    func replace(_ keys: [WrappedKey], of old: HolderID) async throws(VaultError) {
        try await vault.replace(keys, of: old)
    }
    func handles(of subject: String) async -> [KeyHandle] { await vault.handles(of: subject) }
    func place(_ hold: Hold) async throws(VaultError) { try await vault.place(hold) }
    func release(holdWith id: String) async throws(VaultError) {
        try await vault.release(holdWith: id)
    }
    func holds(on subject: String) async -> [Hold] { await vault.holds(on: subject) }
    func shred(_ subject: String, on day: String) async throws(VaultError) -> Int {
        try await vault.shred(subject, on: day)
    }
    func counts() async -> VaultCounts { await vault.counts() }
}
