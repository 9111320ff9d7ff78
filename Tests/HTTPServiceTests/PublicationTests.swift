import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import HTTPService
import LedgerData
import LedgerHome
import Merkle
import Publishing
import Records
import Synchronization
import TestKit
import Testing
import Witnessing

/// The service publishes by the clock: Specs/publishing.md section 6.
@Suite struct PublicationTests {
    /// 2026-03-04T12:00:00+08:00, between the two times of the catalogue.
    private static let noon = Timestamp(fixed: "2026-03-04T04:00:00.000000Z")
    private static let times = ["02:00", "14:00"]

    private let clock: HeldClock
    private let signer: SignerKey

    init() throws {
        clock = HeldClock(at: try #require(PublicationTests.noon))
        signer = SignerKey.generate(name: try #require(KeyName("witness.example/1")))
    }

    /// A witness in this process, which may be out of reach.
    private final class Wire: WitnessLine {
        private let state = Mutex<Witness?>(nil)

        struct NobodyThere: Error {}

        func connect(_ witness: Witness?) { state.withLock { $0 = witness } }

        func post(_ body: [UInt8], to url: String) throws -> WitnessAnswer {
            guard let witness = state.withLock({ $0 }) else { throw NobodyThere() }
            switch try witness.addCheckpoint(body, at: 1_767_225_600) {
            case .success(let lines): return WitnessAnswer(status: 200, body: lines)
            case .failure(.otherSize(let size)):
                return WitnessAnswer(status: 409, body: Array("\(size)\n".utf8))
            case .failure(let refusal): return WitnessAnswer(status: refusal.status, body: [])
            }
        }
    }

    private func policy() throws -> WitnessPolicy {
        try WitnessPolicy(
            Array("witness w \(signer.cosignerKey) https://w.example/\nquorum w\n".utf8))
    }

    private func publishing(
        _ wire: Wire = Wire(), policy: WitnessPolicy? = nil, entries: Bool = false
    ) -> RunningService.Publishing {
        let clock = clock
        return RunningService.Publishing(publishAt: PublicationTests.times) { home, _ in
            var targets = [PublicationPlan.Target(folder: home.path + "/tiles", policy: policy)]
            if entries {
                targets.append(.init(folder: home.path + "/entries", withEntries: true))
            }
            return PublicationPlan(targets, wire, clock: clock.clock)
        }
    }

    /// The moment that the service waits for; it has done all that was due before.
    private func next() async -> String { await clock.awaited().text }

    private func folders(_ service: RunningService) async throws -> [JSONValue] {
        let answer = try await service.get("/readyz")
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(try answer.json["publication"]?["folders"]?.array)
    }

    private func published(_ service: RunningService, _ folder: String) throws -> Checkpoint? {
        let path = "\(service.home.path)/\(folder)/checkpoint"
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return try VerifiedCheckpoint(
            verifying: [UInt8](bytes), of: service.ledger.origin, by: service.ledger.keys
        ).checkpoint
    }

    @Test func `it publishes at the catalogue's times, and never because something came`()
        async throws
    {
        try await RunningService.with(publishing: publishing(entries: true)) { service in
            #expect(await next() == "2026-03-04T06:00:00.000000Z")
            _ = try await service.post(batch: (0..<300).map { Made.report("a\($0)") })
            clock.advance(to: await clock.awaited().advanced(bySeconds: -1))
            #expect(await next() == "2026-03-04T06:00:00.000000Z")
            #expect(try await folders(service).allSatisfy { $0["state"] == "none" })
            #expect(try published(service, "tiles") == nil)
            clock.advance(to: await clock.awaited())
            #expect(await next() == "2026-03-04T18:00:00.000000Z")
            for (folder, state) in zip(["tiles", "entries"], try await folders(service)) {
                #expect(state["state"] == "published" && state["size"]?.integer == 302)
                #expect(state["published"] == "2026-03-04T06:00:00.000000Z")
                #expect(try published(service, folder)?.size == TreeSize(302))
                let audit = try await runProgram(
                    [
                        "verify", "\(service.home.path)/\(folder)", "--no-memory", "--vkey",
                        service.ledger.verifierKey.description,
                    ], home: service.home)
                #expect(audit.exitCode == 0, "\(audit.output)")
            }
            // Nothing new is no reason to stay away from the next time.
            clock.advance(to: await clock.awaited())
            #expect(await next() == "2026-03-05T06:00:00.000000Z")
            let state = try await folders(service)[0]
            #expect(state["published"] == "2026-03-04T18:00:00.000000Z")
            let metrics = try await service.get("/metrics").text
            #expect(metrics.contains(#"hanqing_published_records{folder="2"} 302"#), "\(metrics)")
            #expect(metrics.contains(#"hanqing_publication_failing{folder="1"} 0"#))
        }
    }

    @Test func `it waits for the quorum, says so, and nobody who appends waits`() async throws {
        let wire = Wire()
        let plan = publishing(wire, policy: try policy())
        try await RunningService.with(publishing: plan) { service in
            let due = await clock.awaited()
            clock.advance(to: due)
            // The witness is out of reach: it is asked again a second later, and two after that.
            #expect(await clock.awaited() == due.advanced(bySeconds: 1))
            #expect(try await folders(service)[0]["state"] == "waiting")
            #expect(try await service.post(Made.report("a")).status == 201)
            #expect(try published(service, "tiles") == nil)
            clock.advance(to: due.advanced(bySeconds: 1))
            #expect(await clock.awaited() == due.advanced(bySeconds: 3))
            wire.connect(try witness(service))
            clock.advance(to: due.advanced(bySeconds: 3))
            let later = await clock.awaited()
            #expect(later == due.advanced(bySeconds: 12 * 3600))
            // What was signed at the moment, not what came while it waited.
            #expect(try published(service, "tiles")?.size == TreeSize(2))
            #expect(try await folders(service)[0]["state"] == "published")
            wire.connect(nil)
            clock.advance(to: later)
            #expect(await clock.awaited() == later.advanced(bySeconds: 1))
            // The next time is near: it is not met, and the old checkpoint stands.
            let late = later.advanced(bySeconds: 12 * 3600 - 20)
            clock.advance(to: late)
            #expect(await clock.awaited() == later.advanced(bySeconds: 12 * 3600))
            let state = try await folders(service)[0]
            #expect(state["state"] == "unmet" && state["size"]?.integer == 2)
            #expect(try published(service, "tiles")?.size == TreeSize(2))
            let metrics = try await service.get("/metrics").text
            #expect(metrics.contains(#"hanqing_publication_failing{folder="1"} 1"#), "\(metrics)")
            wire.connect(try witness(service))
            clock.advance(to: await clock.awaited())
            _ = await clock.awaited()
            #expect(try published(service, "tiles")?.size == TreeSize(3))
        }
    }

    private func witness(_ service: RunningService) throws -> Witness {
        try Witness(
            key: signer, logs: [service.ledger.origin: service.ledger.keys],
            state: service.home.path + "/witnessed")
    }

    @Test func `a folder of another history, and one that is none, are told apart`() async throws {
        let (wire, clock) = (Wire(), clock)
        let plan = RunningService.Publishing(publishAt: PublicationTests.times) { home, ledger in
            // Longer than the ledger, by its own key.
            let longer = Checkpoint(
                origin: ledger.origin, size: TreeSize(9), root: Root(SHA256.digest(of: [])))
            let folders = ["ahead", "strange"].map { home.path + "/" + $0 }
            for folder in folders {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
            }
            let secret = try String(
                contentsOfFile: ledger.folder + "/keys/ledger.key", encoding: .utf8)
            let key = try SignerKey(secretText: secret.trimmingCharacters(in: .newlines))
            try Data(longer.sign(with: key)).write(
                to: URL(filePath: folders[0] + "/checkpoint"))
            try Data().write(to: URL(filePath: folders[0] + "/.publishing"))
            try Data().write(to: URL(filePath: folders[1] + "/notes.txt"))
            return PublicationPlan(
                folders.map { .init(folder: $0) }, wire, clock: clock.clock)
        }
        try await RunningService.with(publishing: plan) { service in
            clock.advance(to: await clock.awaited())
            _ = await clock.awaited()
            let told = try await folders(service)
            #expect(told.map { $0["state"] } == ["contradicted", "refused"])
            #expect(try await service.post(Made.report("a")).status == 201)
        }
    }

    @Test func `a time that passed while the machine slept is left out`() async throws {
        try await RunningService.with(publishing: publishing()) { service in
            let due = await clock.awaited()
            clock.advance(to: due.advanced(bySeconds: 13 * 3600))
            #expect(await clock.awaited() == due.advanced(bySeconds: 24 * 3600))
            let told = try await folders(service)
            #expect(told[0]["state"] == "none")
        }
    }

    @Test func `where nobody asks for it, nothing is told of it`() async throws {
        try await RunningService.with { service in
            let told = try await service.get("/readyz").json
            #expect(told["publication"] == .null)
        }
        // Asked for, and no folder named.
        let clock = clock
        let asked = RunningService.Publishing(publishAt: ["02:00"]) { _, _ in
            PublicationPlan([], Wire(), clock: clock.clock)
        }
        try await RunningService.with(publishing: asked) { service in
            let told = try await service.get("/readyz").json["publication"]
            #expect(told?["at"] == ["02:00"] && told?["folders"] == [])
            #expect(told?["next"] == "2026-03-04T18:00:00.000000Z")
        }
    }
}
