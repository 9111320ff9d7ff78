import CanonicalJSON
import Catalogue
import LedgerStore
package import Merkle
package import Phrases
package import Records
import Rules
package import Sealing
import Sequencing
import VaultStore

/// Why personal data are erased: 个人信息保护法 article 47, paragraph 1, items 1 to 5.
package enum ErasureGround: String, Sendable, CaseIterable {
    case purposeAchieved = "purpose-achieved"
    case retentionOver = "retention-over"
    case consentWithdrawn = "consent-withdrawn"
    case unlawful
    case otherLaw = "other-law"

    package var title: Phrase {
        switch self {
        case .purposeAchieved: Phrase(en: "the purpose is achieved", zh: "处理目的已实现")
        case .retentionOver: Phrase(en: "the retention period is over", zh: "保存期限已届满")
        case .consentWithdrawn: Phrase(en: "consent was withdrawn", zh: "个人撤回同意")
        case .unlawful: Phrase(en: "they were handled unlawfully", zh: "违法处理个人信息")
        case .otherLaw: Phrase(en: "another law demands it", zh: "法律、行政法规规定的其他情形")
        }
    }
}

/// What stands against destroying the keys of a case: Specs/sealing.md section 8.
package enum Obstacle: Hashable, Sendable {
    case hold(Hold)
    case notEnded
    case retention(until: String)
    case duty(id: String, title: Phrase)
    /// Another case that names this one and has not ended.
    case linked(stream: String, title: Phrase)

    package var phrase: Phrase {
        switch self {
        case .hold(let hold):
            Phrase(
                en: "hold \(hold.id) stands since \(hold.placed): \(hold.reason)",
                zh: "自 \(hold.placed) 起保全（\(hold.id)）：\(hold.reason)")
        case .notEnded: Phrase(en: "the case has not ended", zh: "案件尚未办结")
        case .retention(let day):
            Phrase(en: "it is kept until \(day)", zh: "保存期限至 \(day)，尚未届满")
        case .duty(let id, let title):
            Phrase(en: "duty \(id) is open: \(title.en)", zh: "职责 \(id) 尚未履行：\(title.zh)")
        case .linked(let stream, let title):
            Phrase(
                en: "\(stream) (\(title.en)) names it and has not ended",
                zh: "\(stream)（\(title.zh)）与其关联且尚未办结")
        }
    }
}

package enum ShredError: Error, Sendable {
    /// All that stands against it.
    case refused([Obstacle])
    case unanswered(LedgerError)
}

/// Keys that are gone.
package struct Shredding: Hashable, Sendable {
    package let handleCount: Int
    /// The record that says so; the same one if this goes on with what was interrupted.
    package let sequence: SequenceNumber
}

/// A record of keys destroyed, as a case shows it.
package struct KeysDestroyed: Hashable, Sendable {
    package static let type = "ledger.keys-destroyed"

    package let sequence: SequenceNumber
    package let subject: String
    /// `YYYY-MM-DD`.
    package let day: String
    package let ground: ErasureGround?
    package let reason: String

    init?(line: [UInt8]) {
        guard let root = try? JSONValue(parsing: line), let event = root["event"],
            event["type"]?.string == KeysDestroyed.type, let data = event["data"],
            let number = root["chain"]?["seq"]?.integer, let subject = data["subject"]?.string,
            let day = data["day"]?.string
        else { return nil }
        sequence = SequenceNumber(UInt64(clamping: number))
        (self.subject, self.day) = (subject, day)
        ground = data["ground"]?.string.flatMap { ErasureGround(rawValue: $0) }
        reason = data["reason"]?.string ?? ""
    }
}

extension Ledger {
    /// Destroys the keys of all that is sealed in the case `subject`, for good.
    ///
    /// The record comes first. A crash in between leaves the record and the keys, and the same call
    /// goes on; once the vault has begun, opening it completes.
    package func shred(
        _ subject: StreamName, _ ground: ErasureGround, _ order: ApprovedOrder
    ) async throws(ShredError) -> Shredding {
        let standing: [Obstacle]
        do throws(LedgerError) {
            try order.check()
            try demandWriter()
            standing = try await obstacles(to: subject)
        } catch {
            throw .unanswered(error)
        }
        guard standing.isEmpty else { throw .refused(standing) }
        do throws(LedgerError) {
            return try await withVault { vault throws(VaultError) in
                guard try await !vault.handles(of: subject.text).isEmpty else {
                    throw .unknownSubject(subject.text)
                }
            } then: { vault throws(LedgerError) in
                let day = LocalTime(zone: catalogue.timeZone).day(of: clock.wall())
                let text = CivilDate(dayNumber: day).text
                let sequence = try await recordShredding(subject, ground, text, order, vault)
                let count = try await Ledger.asking { () throws(VaultError) in
                    try await vault.shred(subject.text, on: text)
                }
                return Shredding(handleCount: count, sequence: sequence)
            }
        } catch {
            throw .unanswered(error)
        }
    }

    /// Keys of this case that were destroyed, in the order of record.
    package func keysDestroyed(
        of subject: StreamName
    ) async throws(LedgerError) -> [KeysDestroyed] {
        try await keysDestroyed().filter { $0.subject == subject.text }
    }

    /// All keys that were destroyed, in the order of record.
    package func keysDestroyed() async throws(LedgerError) -> [KeysDestroyed] {
        try await linesOf(.vault).compactMap { KeysDestroyed(line: $0) }
    }

    /// A record that is newer than everything that is sealed and has its keys says it already.
    private func recordShredding(
        _ subject: StreamName, _ ground: ErasureGround, _ day: String, _ order: ApprovedOrder,
        _ vault: VaultStore
    ) async throws(LedgerError) -> SequenceNumber {
        let values = SealedValues(lines: try await linesOf(subject), origin: settings.origin)
        let newest = values.all.map(\.sequence).max()
        if let last = try await keysDestroyed(of: subject).last, let newest,
            newest < last.sequence
        {
            return last.sequence
        }
        return try await recordOwn(
            KeysDestroyed.type, .vault,
            .object(
                order.members(and: [
                    JSONMember("day", .string(day)), JSONMember("ground", .string(ground.rawValue)),
                    JSONMember("subject", .string(subject.text)),
                ])))
    }

    // MARK: - What stands against it

    /// Holds, and what the records and the catalogue say.
    package func obstacles(to subject: StreamName) async throws(LedgerError) -> [Obstacle] {
        let lines = try await linesOf(subject)
        guard !lines.isEmpty else { throw Ledger.noCase(subject) }
        let clockOfDays = LocalTime(zone: catalogue.timeZone)
        let history = CaseHistory(stream: subject.text, lines: lines, clock: clockOfDays)
        var found: [Obstacle] = try await holds(on: subject).map { .hold($0) }
        if !history.hasEnded(catalogue) { found.append(.notEnded) }
        let today = clockOfDays.day(of: clock.wall())
        if let years = catalogue.procedure(subject.procedure)?.keepYears,
            let last = history.entries.map({ clockOfDays.day(of: $0.recorded) }).max()
        {
            let until = CivilDate(dayNumber: last).adding(months: years * 12)
            if today <= until.dayNumber { found.append(.retention(until: until.text)) }
        }
        let judged = try await judge(asOf: nil, period: 0...0, only: subject.text)
        found += judged.standings.filter { $0.isOpen(in: subject) }.map { standing in
            .duty(id: standing.id, title: catalogue.titles(standing.duty.to))
        }
        return try await found + openCases(naming: subject)
    }

    /// Reconsideration, litigation, reward, accountability, whatever names the case in a reference
    /// and is of a kind that ends.
    private func openCases(naming subject: StreamName) async throws(LedgerError) -> [Obstacle] {
        var found: [Obstacle] = []
        let catalogue = catalogue
        try await forEachCase { history in
            guard history.stream != subject.text, catalogue.canEnd(history.procedure),
                !history.hasEnded(catalogue),
                history.names(subject.text, catalogue)
            else { return }
            let title = catalogue.procedure(history.procedure)?.title
            found.append(
                .linked(
                    stream: history.stream,
                    title: title ?? Phrase(en: history.procedure, zh: history.procedure)))
        }
        return found
    }

    func linesOf(_ stream: StreamName) async throws(LedgerError) -> [[UInt8]] {
        do throws(StoreError) {
            return try await store.lines(of: [stream]).first ?? []
        } catch {
            throw LedgerError(error)
        }
    }
}

extension EventCatalogue {
    /// Whether some event ends a case of this procedure.
    fileprivate func canEnd(_ procedure: String) -> Bool {
        self.procedure(procedure)?.events.contains { eventType($0)?.ends == true } ?? false
    }

    /// What types are called, one after another.
    func titles(_ types: [String]) -> Phrase {
        let titles = types.map { title(ofType: $0) ?? Phrase(en: $0, zh: $0) }
        return Phrase(
            en: titles.map(\.en).joined(separator: ", "),
            zh: titles.map(\.zh).joined(separator: "、"))
    }
}

extension DutyStanding {
    /// It is still to be fulfilled, and in this case.
    func isOpen(in case: StreamName) -> Bool {
        stream == `case`.text && end == nil && [.running, .paused, .overdue].contains(state)
    }
}

extension CaseHistory {
    func hasEnded(_ catalogue: EventCatalogue) -> Bool {
        entries.contains { catalogue.eventType($0.type)?.ends == true }
    }

    /// Whether a reference of the case is to `stream`.
    func names(_ stream: String, _ catalogue: EventCatalogue) -> Bool {
        entries.contains { entry in
            catalogue.eventType(entry.type)?.fields.contains { field in
                field.type == .reference && entry.data[field.name]?.names(stream) == true
            } ?? false
        }
    }
}

extension JSONValue {
    fileprivate func names(_ stream: String) -> Bool {
        string == stream || (array?.contains { $0.names(stream) } ?? false)
    }
}
