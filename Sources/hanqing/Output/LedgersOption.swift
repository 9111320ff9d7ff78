import ArgumentParser
import Foundation
import LedgerHome
import Phrases
import Projections
import Records
import Sequencing
import Synchronization

/// Which ledgers are asked together.
struct LedgersOption: ParsableArguments, NamesLedgers {
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp(
            "A ledger's folder; given again, all are asked together. Otherwise HANQING_LEDGER. "
                + "账本目录；可重复指定，合并作答。", valueName: "dir"))
    var ledgers: [String] = []

    var folders: [String] {
        get throws { try ledgers.isEmpty ? [LedgerOption.standard] : ledgers }
    }
}

/// What says which ledgers are meant.
protocol NamesLedgers {
    var folders: [String] { get throws }
}

extension NamesLedgers {
    /// Opens the ledgers for reading and gives them to `body`.
    func withLedgers(
        _ common: CommonOptions, _ body: (LedgerGroup<Ledger>, Printer) async throws -> Void
    ) async throws {
        try await opening(.read, common, { try folders }, body)
    }

    /// Opens the ledgers for reading, each as it was known at a moment, the same of all.
    ///
    /// In a folder that cannot be written to everything is folded anew.
    func withPasts(
        _ asOf: AsOfOption, _ common: CommonOptions,
        _ body: (LedgerGroup<AskedLedger>, Printer) async throws -> Void
    ) async throws {
        try await withPasts(common, at: asOf.moment, body)
    }

    /// The same, each as it is known now.
    func withPastsNow(
        _ common: CommonOptions, _ body: (LedgerGroup<AskedLedger>, Printer) async throws -> Void
    ) async throws {
        try await withPasts(common, at: { $0.members[0].clock.wall() }, body)
    }

    private func withPasts(
        _ common: CommonOptions, at moment: (LedgerGroup<Ledger>) throws -> Timestamp,
        _ body: (LedgerGroup<AskedLedger>, Printer) async throws -> Void
    ) async throws {
        try await withLedgers(common) { ledgers, printer in
            let moment = try moment(ledgers)
            try await ledgers.withProjections(catchUp: true, printer) { followed in
                let asked = try await followed.map { try await AskedLedger($0, asOf: moment) }
                try await body(asked, printer)
            }
        }
    }
}

/// A ledger with its projection; nil in a folder that cannot be written to.
struct FollowedLedger: Sendable {
    let ledger: Ledger
    let file: ProjectionFile?

    func demandFile() throws(LedgerError) -> ProjectionFile {
        if let file { return file }
        throw LedgerError(
            en: "\(ledger.folder) cannot be written to: there can be no projection in it",
            zh: "\(ledger.folder) 不可写入：无法在其中建立投影")
    }
}

/// A ledger as it was known at a moment.
struct AskedLedger: Sendable {
    private let followed: FollowedLedger
    let past: any PastView

    var ledger: Ledger { followed.ledger }

    init(_ followed: FollowedLedger, asOf moment: Timestamp) async throws {
        self.followed = followed
        let ledger = followed.ledger
        if let file = followed.file {
            past = try await ProjectedPast(ledger, file, asOf: moment)
        } else {
            past = try await FoldedPast(ledger, asOf: moment)
        }
    }

    func demandFile() throws(LedgerError) -> ProjectionFile { try followed.demandFile() }
}

extension LedgerGroup<AskedLedger> {
    var pasts: [any PastView] { members.map(\.past) }
}

extension LedgerGroup {
    /// The ledger's name in front of a line; nothing where there is only one.
    func mark(_ place: Int) -> [String] { isOne ? [] : [names[place]] }
}

extension LedgerGroup<Ledger> {
    /// Opens the projection of each, where there may be one, and closes them after `body`.
    func withProjections(
        catchUp: Bool, _ printer: Printer,
        _ body: (LedgerGroup<FollowedLedger>) async throws -> Void
    ) async throws {
        let notice = printer.notices()
        let followed = try await map { ledger in
            guard FileManager.default.isWritableFile(atPath: ledger.folder) else {
                return FollowedLedger(ledger: ledger, file: nil)
            }
            let path = ledger.projectionPath
            let file = try ProjectionFile(path) { milliseconds in
                guard milliseconds == 1_000 else { return }
                notice(
                    Phrase(
                        en: "\(path): waiting for another program that writes here",
                        zh: "\(path)：正在等待另一写入程序"))
            }
            return FollowedLedger(ledger: ledger, file: file)
        }
        defer { for one in followed.members { one.file?.close() } }
        if catchUp { try await followed.catchUp(printer) }
        do {
            try await body(followed)
        } catch let error as ProjectionError {
            throw LedgerError([error.phrase])
        }
    }
}

extension LedgerGroup<FollowedLedger> {
    /// Applies what was recorded since, to each.
    fileprivate func catchUp(_ printer: Printer) async throws {
        let line = JointProgress(
            printer.progress(Phrase(en: "making rows", zh: "正在生成读模型"), .records))
        _ = try await map { one in
            guard let file = one.file else { return }
            let origin = one.ledger.settings.origin
            try await Projector(file, try one.ledger.projectionSource()).catchUp {
                line.tell(origin, done: $0, total: $1)
            }
        }
    }
}

/// Progress of work on several ledgers, as one.
final class JointProgress: Sendable {
    private let line: ProgressLine
    private let parts = Mutex<[String: (done: UInt64, total: UInt64)]>([:])

    init(_ line: ProgressLine) { self.line = line }

    func tell(_ origin: String, done: UInt64, total: UInt64) {
        let (allDone, allTotal) = parts.withLock { parts in
            parts[origin] = (done, total)
            return parts.values.reduce((0, 0)) { ($0.0 + $1.done, $0.1 + $1.total) }
        }
        line.tell(done: allDone, total: allTotal)
    }
}

/// Opens ledgers and gives them to `body`; they are closed whatever happens.
func opening(
    _ access: Ledger.Access, _ common: CommonOptions, _ folders: () throws -> [String],
    _ body: (LedgerGroup<Ledger>, Printer) async throws -> Void
) async throws {
    let printer = common.printer(for: (try? folders())?.first)
    try await answering(printer) {
        let line = printer.progress(Phrase(en: "making the index", zh: "正在重建索引"), .records)
        let ledgers = try await LedgerGroup.open(
            try folders(), access, logger: common.logger,
            progress: { _, progress in line.tell(done: progress.done, total: progress.total) })
        for (place, ledger) in ledgers.members.enumerated() {
            for phrase in ledger.startUp {
                let mark = ledgers.mark(place).map { "\($0): " }.joined()
                printer.complain(Phrase(en: mark + phrase.en, zh: mark + phrase.zh))
            }
        }
        do {
            try await body(ledgers, printer)
        } catch {
            try await ledgers.close()
            throw error
        }
        try await ledgers.close()
    }
}
