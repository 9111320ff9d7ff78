import ArgumentParser
import CanonicalJSON
import Digests
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Projections
import Records
import Rules
import Sequencing

struct ProjectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projection",
        abstract: "Keep the read models that answer at once; nothing in them is evidence. 读模型的维护。",
        discussion: """
            projections.sqlite in the ledger's folder holds what the log holds, in tables.
            It can be deleted at any time: it is made again. 该文件可随时删除，需要时由记录
            重建。
            """,
        subcommands: [Status.self, Follow.self, Rebuild.self, Verify.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how far it is, what it lacks, and what stopped. 进度、滞后与停滞案件。",
            discussion: "Exit code 1 if a case is stopped. 有停滞案件时退出码为 1。")

        @Flag(help: "Also the digest of each model; all rows are read for it. 另列各模型摘要。")
        var digest = false

        @OptionGroup var ledgers: LedgersOption
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await ledgers.withLedgers(common) { ledgers, printer in
                try await ledgers.withProjections(catchUp: false, printer) { followed in
                    let found = try await followed.map {
                        try await FoundStatus($0, digests: digest)
                    }
                    for (place, one) in found.members.enumerated() {
                        if common.json {
                            printer.print(json(one))
                        } else {
                            for name in found.mark(place) {
                                printer.print(printer.coloured(name, .bold))
                            }
                            show(one, printer)
                        }
                    }
                    if found.members.contains(where: { !$0.status.stopped.isEmpty }) {
                        throw Exit.found
                    }
                }
            }
        }

        private struct FoundStatus: Sendable {
            let status: ProjectionStatus
            /// Records of the ledger.
            let size: UInt64
            /// When the first record was made that is not in it yet, and how many seconds ago.
            private(set) var staleSince: Timestamp?
            private(set) var secondsBehind: Int64 = 0

            var behind: UInt64 { size - min(size, status.position.next) }

            init(_ followed: FollowedLedger, digests: Bool) async throws {
                let (ledger, file) = (followed.ledger, try followed.demandFile())
                status = try file.status(of: ledger.settings.origin, digests: digests)
                size = try await ledger.store.head().size.rawValue
                let waiting = try await ledger.store.lines(
                    from: SequenceNumber(status.position.next), limit: 1)
                guard let first = waiting.first.flatMap({ CaseRecord($0, clock: .beijing) }) else {
                    return
                }
                staleSince = first.recorded
                let past = ledger.clock.wall().microseconds - first.recorded.microseconds
                secondsBehind = max(0, past / 1_000_000)
            }
        }

        private func show(_ found: FoundStatus, _ printer: Printer) {
            let (status, size) = (found.status, found.size)
            printer.print(
                Phrase(
                    en: "\(status.position.next) of \(size) records applied, "
                        + "\(found.behind) behind",
                    zh: "已处理 \(status.position.next) / \(size) 条记录，"
                        + "落后 \(found.behind) 条"))
            if let since = found.staleSince {
                printer.print(
                    Phrase(
                        en: "stale since \(since.text), \(found.secondsBehind) s",
                        zh: "自 \(since.text) 起未更新，滞后 \(found.secondsBehind) 秒"))
            }
            printer.table(
                status.models.map { model in
                    [
                        "  " + model.name,
                        printer.text(
                            en: "\(model.current) rows, \(model.past) of the past",
                            zh: "现行 \(model.current) 行，历史 \(model.past) 行"),
                    ] + (model.digest.map { [String($0.hex.prefix(16))] } ?? [])
                })
            for stopped in status.stopped {
                printer.print(
                    printer.coloured(printer.text(en: "stopped ", zh: "停滞 "), .red)
                        + "\(stopped.stream) #\(stopped.record): "
                        + stopped.reason[printer.language])
            }
        }

        private func json(_ found: FoundStatus) -> JSONValue {
            let status = found.status
            return [
                "ledger": .string(status.position.origin),
                "next": .integer(Int64(status.position.next)),
                "size": .integer(Int64(found.size)), "behind": .integer(Int64(found.behind)),
                "staleSince": found.staleSince.map { .string($0.text) } ?? .null,
                "secondsBehind": .integer(found.secondsBehind),
                "recorded": status.position.recorded.map { .string($0) } ?? .null,
                "models": .array(
                    status.models.map { model in
                        [
                            "name": .string(model.name), "rows": .integer(Int64(model.current)),
                            "past": .integer(Int64(model.past)),
                            "digest": model.digest.map { .string($0.hex) } ?? .null,
                        ]
                    }),
                "stopped": .array(
                    status.stopped.map { stopped in
                        [
                            "stream": .string(stopped.stream),
                            "record": .integer(Int64(stopped.record)),
                            "reason": phraseJSON(stopped.reason),
                        ]
                    }),
            ]
        }
    }

    struct Follow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply what was recorded since. 处理新增记录。")

        @OptionGroup var ledger: LedgerOption
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await ledger.withProjection(common) { ledger, file, printer in
                try tell(try file.position(of: ledger.settings.origin), common, printer)
            }
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make it anew, beside the old one, and put it in its place. 重新建立。")

        @OptionGroup var ledger: LedgerOption
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await ledger.withLedger(.read, common) { ledger, printer in
                let beside = ledger.projectionPath + ".new"
                let file = try await rebuilt(ledger, beside, printer)
                let position = try file.position(of: ledger.settings.origin)
                file.close()
                try takeOver(beside, ledger.projectionPath)
                try tell(position, common, printer)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make it anew in another file and compare row by row. 另行重建并逐行比较。",
            discussion: "Exit code 1 and the first differing rows if they differ. 有差异时退出码为 1。")

        @OptionGroup var ledger: LedgerOption
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await ledger.withProjection(common) { ledger, file, printer in
                let folder = FileManager.default.temporaryDirectory
                    .appending(path: "hanqing-projection-\(UUID().uuidString)")
                try FileManager.default.createDirectory(
                    at: folder, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(at: folder) }
                let other = try await rebuilt(
                    ledger, folder.appending(path: "again.sqlite").path, printer)
                let differences = try file.differences(from: other, in: ledger.settings.origin)
                for difference in differences { printer.print(difference) }
                let isSummed = try file.sumsAgree()
                if !isSummed {
                    printer.print(
                        Phrase(en: "the sums by day are not those of the rows", zh: "按日合计与各行不符"))
                }
                guard differences.isEmpty, isSummed else { throw Exit.found }
                try tell(try file.position(of: ledger.settings.origin), common, printer)
            }
        }
    }
}

private func tell(
    _ position: ProjectionPosition, _ common: CommonOptions, _ printer: Printer
) throws {
    if common.json {
        printer.print(["next": .integer(Int64(position.next))])
    } else {
        printer.print(
            Phrase(
                en: "The projection holds \(position.next) records.",
                zh: "投影已包含 \(position.next) 条记录。"))
    }
}

/// A projection of everything, in a file of its own; one that was left unfinished goes on.
private func rebuilt(
    _ ledger: Ledger, _ path: String, _ printer: Printer
) async throws -> ProjectionFile {
    let file = try projecting { () throws(ProjectionError) in try ProjectionFile(path) }
    let line = printer.progress(Phrase(en: "making rows", zh: "正在生成读模型"), .records)
    let projector = Projector(file, try ledger.projectionSource())
    do {
        try await projector.catchUp { line.tell(done: $0, total: $1) }
    } catch let error as ProjectionError {
        throw LedgerError([error.phrase])
    }
    return file
}

private func projecting<T>(_ body: () throws(ProjectionError) -> T) throws -> T {
    do {
        return try body()
    } catch {
        throw LedgerError([error.phrase])
    }
}

/// Puts one file in the place of another; SQLite's files beside it go with the old one.
private func takeOver(_ beside: String, _ path: String) throws {
    for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
    guard rename(beside, path) == 0 else {
        throw LedgerError(
            en: "cannot rename \(beside) to \(path)", zh: "无法将 \(beside) 改名为 \(path)")
    }
}

extension LedgerOption {
    /// Opens the ledger to read, and its projection, which follows first.
    func withProjection(
        _ common: CommonOptions, _ body: (Ledger, ProjectionFile, Printer) async throws -> Void
    ) async throws {
        try await withLedgers(common) { ledgers, printer in
            try await ledgers.withProjections(catchUp: true, printer) { followed in
                let one = followed.members[0]
                try await body(one.ledger, try one.demandFile(), printer)
            }
        }
    }
}
