import ArgumentParser
import AuditSources
import Auditing
import LedgerHome
import Logging
import Phrases
import Synchronization

/// Options of commands that have a ledger open for long.
struct ScrubOption: ParsableArguments {
    @Flag(help: "Do not scrub the ledger behind, however long this takes. 不在后台巡检。")
    var noScrub = false

    /// Runs `body` with a scrub behind it, unless it is not wanted.
    ///
    /// Damage is told at once; the work goes on, because new records do not depend on old ones,
    /// and in the end the exit code says it. Specs/scrub.md section 4.
    func behind(
        _ ledger: Ledger, _ printer: Printer, _ logger: Logger, _ body: () async throws -> Void
    ) async throws {
        guard !noScrub else { return try await body() }
        let scrub = scrub(ledger, printer, logger)
        scrub.start()
        do {
            try await body()
        } catch {
            scrub.stop()
            throw error
        }
        scrub.stop()
        guard scrub.foundCount > 0 else { return }
        printer.complain(
            Phrase(
                en: "the scrub behind found damage while this ran (\(scrub.foundCount)); what was "
                    + "recorded now is sound. Run hanqing verify",
                zh: "后台巡检发现损坏（\(scrub.foundCount) 项）；本次入账不受影响。请运行 hanqing verify"))
        throw Exit.found
    }

    private func scrub(_ ledger: Ledger, _ printer: Printer, _ logger: Logger) -> BackgroundScrub {
        var options = BackgroundScrub.Options()
        options.scrubber.key = ledger.verifierKey
        let (language, isJSON) = (printer.language, printer.isJSON)
        let teller = Mutex(ScrubTeller(Printer(language: language, isJSON: isJSON)))
        return BackgroundScrub(ledger: ledger.folder, options) { event in
            switch event {
            case .scrub(.progress): break
            case .scrub(let event):
                if case .found(let finding) = event {
                    logger.notice("damage", metadata: ["code": "\(finding.code.rawValue)"])
                }
                teller.withLock { $0.tell(event) }
            case .finished(let report):
                logger.info("scrubbed", metadata: ["records": "\(report.records)"])
            case .failed(let reason):
                Printer(language: language, isJSON: isJSON).complain(
                    Phrase(
                        en: "the scrub behind cannot run: \(reason.en)",
                        zh: "后台巡检无法运行：\(reason.zh)"))
            }
        }
    }
}
