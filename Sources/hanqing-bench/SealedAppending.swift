import CanonicalJSON
import Digests
import LedgerHome
import Logging
import Records
import Sealing
import Sequencing

/// Batches with two sealed fields an event, beside the same without.
struct SealedAppending {
    private let folder: String
    private let clock = ContinuousClock()

    private static let (batches, size) = (20, 1_000)

    private enum Kind: String, CaseIterable {
        case clear = "no sealed fields"
        case sealed = "two sealed fields"
        /// As in a service between two bursts.
        case ahead = "two sealed fields, keys made ahead"
    }

    private static let order = ApprovedOrder(
        person: "P-1", unit: "-", approver: "P-2", reason: "bench")

    init(folder: String) { self.folder = folder }

    func run(_ report: inout Report) async throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        _ = try await Ledger.create(
            folder,
            Ledger.Plan(LedgerSettings(origin: "bench.example"), person: "P-0", unit: "-"),
            logger: logger)
        let making = try await Ledger.open(folder, .write, logger: logger)
        try await making.createVault()
        let groups = Set(["sensitive"].compactMap { HolderGroup($0) })
        for name in ["one", "two"] {
            _ = try await making.add(
                Holder(
                    name: name, publicKey: X25519PrivateKey.generate().publicKey, groups: groups),
                SealedAppending.order)
        }
        try await making.close()
        for kind in Kind.allCases {
            let ledger = try await Ledger.open(folder, .write, logger: logger)
            if kind == .ahead { try await makeKeys(for: ledger) }
            let rate = try await append(to: ledger, kind)
            report.add(
                Figure("sealing", "events appended, 1,000 a batch, \(kind.rawValue)", rate, "/s"))
            try await ledger.close()
        }
    }

    /// Twice as many as are drawn: below the half, new ones are made meanwhile.
    private func makeKeys(for ledger: Ledger) async throws {
        await ledger.keepKeysReady(2 * SealedAppending.batches * SealedAppending.size)
        let first = JSONValue.array([event(-1, .ahead)]).canonicalBytes
        try await submit(first, to: ledger)
    }

    private func submit(_ bytes: [UInt8], to ledger: Ledger) async throws {
        let intake = ledger.intake()
        let events = try bytes.withUnsafeBytes { try intake.readBatch($0) }
        guard case .accepted = try await ledger.submit(Submission(events, recorder: "cli:bench"))
        else { throw BenchError("a batch was not accepted") }
    }

    private func append(to ledger: Ledger, _ kind: Kind) async throws -> Double {
        let rounds = (0..<SealedAppending.batches).map { round in
            JSONValue.array(
                (0..<SealedAppending.size).map { number in
                    event(round * SealedAppending.size + number, kind)
                }
            ).canonicalBytes
        }
        let start = clock.now
        for bytes in rounds { try await submit(bytes, to: ledger) }
        let count = SealedAppending.batches * SealedAppending.size
        return Double(count) / (clock.now - start).inSeconds
    }

    /// A made-up request for information, each a case of its own.
    private func event(_ number: Int, _ kind: Kind) -> JSONValue {
        let isSealed = kind != .clear
        var data = [
            JSONMember("applicantKind", "公民"), JSONMember("channel", "网上"),
            JSONMember("content", "虚构的申请内容"),
            JSONMember("operator", ["person": "P-1", "unit": "虚构单位"]),
            JSONMember("receivedOn", "2025-03-04"),
        ]
        // As long in clear, so that only sealing differs.
        let names = isSealed ? ["applicantName", "applicantPhone"] : ["formRequested"]
        for name in names {
            data.append(
                JSONMember(name, .string(isSealed ? "张三 \(number)" : "张三 \(number) 张三 \(number)")))
        }
        return [
            "data": .object(data), "id": .string("\(kind)-\(number)"), "source": "urn:bench",
            "specversion": "1.0", "subject": .string("foi/FOI-\(kind)-\(number)"),
            "time": "2025-03-04T09:30:00+08:00", "type": "foi.received",
        ]
    }
}
