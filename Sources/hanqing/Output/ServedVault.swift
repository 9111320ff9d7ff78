import CanonicalJSON
import Digests
import HTTPService
import LedgerHome
import Merkle
import Phrases
import Records
import Sealing
import Synchronization

/// The vault that a service has open, asked over the socket of the ledger's owner.
final class ServedVault: VaultDesk {
    let origin: String
    private let service: Mutex<OwnerConnection>

    init(_ service: sending OwnerConnection, origin: String) {
        self.origin = origin
        self.service = Mutex(service)
    }

    private func ask(_ request: VaultRequest) throws(VaultRefusal) -> JSONValue {
        let answer: OwnerConnection.Answer
        do throws(LedgerError) {
            answer = try service.withLock { (service) throws(LedgerError) in
                try service.post(
                    VaultRequest.path, [("Content-Type", "application/json")],
                    request.json.canonicalBytes)
            }
        } catch {
            throw .unanswered(error)
        }
        let json = try? JSONValue(parsing: answer.body)
        if let found = json?["answer"] { return found }
        throw json.flatMap(VaultRefusal.init) ?? ServedVault.odd(json?["detail"]?.string)
    }

    private static func odd(_ detail: String? = nil) -> VaultRefusal {
        .unanswered(
            LedgerError(
                en: "the service that has the ledger open gave no answer to this"
                    + (detail.map { ": \($0)" } ?? "; is it of another version?"),
                zh: "正在使用该账本的服务未作出有效答复" + (detail.map { "：\($0)" } ?? "，其版本可能不同")))
    }

    private func ask<Answer>(
        _ request: VaultRequest, _ read: (JSONValue) -> Answer?
    ) throws(VaultRefusal) -> Answer {
        guard let answer = read(try ask(request)) else { throw ServedVault.odd() }
        return answer
    }

    func status() throws(VaultRefusal) -> VaultStatus { try ask(.status, VaultStatus.init) }

    func add(_ holder: Holder, _ order: ApprovedOrder) throws(VaultRefusal) -> SequenceNumber? {
        SequenceNumber(try ask(.add(holder, order))["seq"])
    }

    func retire(_ id: HolderID, _ order: ApprovedOrder) throws(VaultRefusal) -> SequenceNumber? {
        SequenceNumber(try ask(.retire(id, order))["seq"])
    }

    func hold(_ subject: StreamName, _ order: ApprovedOrder) throws(VaultRefusal) -> Hold {
        try ask(.hold(subject, order), Hold.init)
    }

    func release(
        holdWith id: String, _ order: ApprovedOrder
    ) throws(VaultRefusal) -> SequenceNumber {
        try ask(.release(id, order)) { SequenceNumber($0["seq"]) }
    }

    func shred(
        _ subject: StreamName, _ ground: ErasureGround, _ order: ApprovedOrder
    ) throws(VaultRefusal) -> Shredding {
        try ask(.shred(subject, ground, order), Shredding.init)
    }

    func recordOpening(
        _ access: StreamName, by viewer: Viewer, holder: X25519PublicKey, emergency: Emergency?
    ) throws(VaultRefusal) -> RecordedOpening {
        try ask(.open(access, viewer, holder, emergency), RecordedOpening.init)
    }

    func orderRewrapping(
        from old: HolderID, to new: HolderID, _ order: ApprovedOrder
    ) throws(VaultRefusal) -> RewrappingOrder {
        try ask(.orderRewrapping(from: old, to: new, order), RewrappingOrder.init)
    }

    func keysToRewrap(of old: HolderID, limit: Int) throws(VaultRefusal) -> [WrappedKey] {
        try ask(.keysToRewrap(old, limit: limit)) { list in
            let keys = list.array?.compactMap(WrappedKey.init)
            return keys?.count == list.array?.count ? keys : nil
        }
    }

    func replace(_ keys: [WrappedKey], of old: HolderID) throws(VaultRefusal) {
        _ = try ask(.replace(keys, of: old))
    }

    func copy(
        to folder: String, _ order: ApprovedOrder
    ) throws(VaultRefusal) -> SequenceNumber {
        try ask(.copy(to: folder, order)) { SequenceNumber($0["seq"]) }
    }
}

extension LedgerOption {
    /// Gives `body` the ledger's vault: that of the service which has it open, or else its own.
    ///
    /// `access` is how the ledger is opened where there is no service.
    func withVault(
        _ access: Ledger.Access, _ common: CommonOptions,
        _ body: (any VaultDesk, Printer) async throws -> Void
    ) async throws {
        let printer = common.printer(for: try? folder)
        var served: ServedVault?
        try await answering(printer) {
            let folder = try folder
            if let service = try OwnerConnection(ledger: folder) {
                served = ServedVault(service, origin: try LedgerSettings(folder: folder).origin)
            }
        }
        if let served {
            return try await asking(printer) { try await body(served, printer) }
        }
        try await withLedger(access, common) { ledger, printer in
            try await asking(printer) { try await body(LocalVault(ledger), printer) }
        }
    }

    /// A refusal is exit code 1, with everything that stands against it.
    private func asking(_ printer: Printer, _ body: () async throws -> Void) async throws {
        try await answering(printer) {
            do {
                try await body()
            } catch VaultRefusal.refused(let phrases) {
                guard !printer.isJSON else {
                    printer.print([
                        "refused": .array(phrases.map { .string($0[printer.language]) })
                    ])
                    throw Exit.found
                }
                for phrase in phrases { printer.complain(phrase) }
                throw Exit.found
            } catch VaultRefusal.unanswered(let error) {
                throw error
            }
        }
    }
}
