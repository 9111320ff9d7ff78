import CanonicalJSON
import Catalogue
package import Checkpoints
import Digests
import DurableFiles
import FileStore
import Foundation
import Glibc
import LedgerData
import LedgerStore
package import Logging
import Records
package import Sequencing

extension Ledger {
    /// What a new ledger needs.
    package struct Plan: Sendable {
        /// Nil for the shipped catalogue.
        package var catalogueFiles: [String: [UInt8]]?
        /// The person and unit that order it.
        package var person: String
        package var unit: String
        /// What `ledger.yaml` will say; the origin of it is the ledger's.
        package var settings: LedgerSettings
        package var origin: String { settings.origin }

        package init(
            _ settings: LedgerSettings, catalogueFiles: [String: [UInt8]]? = nil, person: String,
            unit: String
        ) {
            (self.settings, self.catalogueFiles) = (settings, catalogueFiles)
            (self.person, self.unit) = (person, unit)
        }
    }

    /// Makes a ledger in `folder`, which must be missing or empty.
    ///
    /// It is built beside and renamed, so that a crash leaves no half of one.
    package static func create(
        _ folder: String, _ plan: Plan, clock: LedgerClock = .system, logger: Logger
    ) async throws(LedgerError) -> VerifierKey {
        guard let origin = Origin(plan.origin), let name = KeyName(plan.origin) else {
            throw LedgerError(
                en: "\"\(plan.origin)\" cannot be an origin: use something like "
                    + "ledger.example.gov.cn/2025, without spaces and \"+\"",
                zh: "“\(plan.origin)”不能作为 origin：请用类似 ledger.example.gov.cn/2025 的名称，不含空格和“+”")
        }
        let catalogue = try readCatalogue(plan.catalogueFiles)
        try demandFree(folder)
        let draft = folder + ".new-\(getpid())"
        let key = SignerKey.generate(name: name)
        do {
            try await build(draft, plan, origin, key, catalogue, clock, logger)
            guard rename(draft, folder) == 0 else {
                throw LedgerError(
                    en: "cannot rename \(draft) to \(folder): \(String(cString: strerror(errno)))",
                    zh: "无法将 \(draft) 改名为 \(folder)：\(String(cString: strerror(errno)))")
            }
            try DurableFile.syncPath(to: folder)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw (error as? LedgerError) ?? (error as? FileError).map { LedgerError([$0.phrase]) }
                ?? LedgerError(
                    en: "cannot make \(folder): \(error.localizedDescription)",
                    zh: "无法建立 \(folder)：\(error.localizedDescription)")
        }
        return key.verifierKey
    }

    private static func demandFree(_ folder: String) throws(LedgerError) {
        let files = FileManager.default
        guard files.fileExists(atPath: folder) else { return }
        let contents = (try? files.contentsOfDirectory(atPath: folder)) ?? ["?"]
        guard contents.isEmpty else {
            throw LedgerError(
                en: "\(folder) is not empty; choose a new folder",
                zh: "\(folder) 不是空目录；请另选目录")
        }
    }

    private static func build(
        _ draft: String, _ plan: Plan, _ origin: Origin, _ key: SignerKey,
        _ catalogue: EventCatalogue, _ clock: LedgerClock, _ logger: Logger
    ) async throws {
        try DurableFile.makeFolders(draft)
        try DurableFile.write(Array(plan.settings.yaml.utf8), to: draft + "/ledger.yaml")
        try KeyRing(draft, plan.settings).save(key)
        let files = try AdoptedCatalogues(ledger: draft).keep(
            catalogue, files: plan.catalogueFiles ?? LedgerData.catalogueFiles)
        let store = try FileStore(opening: draft, .write) { _ in nil }
        let sequencer = Sequencer(
            store: store, signer: CheckpointSigner(key), origin: origin, catalogue: catalogue,
            clock: clock,
            logger: logger)
        let person: JSONValue = ["person": .string(plan.person), "unit": .string(plan.unit)]
        let digest = JSONValue.string(catalogue.digest.hex)
        let records: [(String, JSONValue)] = [
            (
                "ledger.created",
                [
                    "catalogue": digest, "format": 1, "hash": "SHA-256",
                    "keys": [.string(key.verifierKey.description)], "operator": person,
                    "origin": .string(plan.origin), "timeZone": "Asia/Shanghai",
                ]
            ),
            (
                "ledger.catalogue-adopted",
                ["catalogue": digest, "files": files, "operator": person]
            ),
        ]
        for (type, data) in records {
            let event = OwnEvents(origin: plan.origin).event(
                type: type, stream: .ledgerSelf, time: clock.wall(), data: data)
            guard let event else { throw LedgerError(en: "impossible event", zh: "事件无效") }
            _ = try await sequencer.submit(Submission([event], recorder: Recorder.ledger))
        }
        try await store.close()
    }
}
