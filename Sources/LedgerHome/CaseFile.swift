import CanonicalJSON
package import Catalogue
import LedgerStore
package import Merkle
package import Phrases
package import Records
import Rules
import Sealing

/// A case as its stream tells it: stage, title, timeline, and who took part in which role.
///
/// The corrected history is folded; every entry as recorded is still there, with what became of it.
package struct CaseFile: Sendable {
    package let stream: StreamName
    package let procedure: Procedure?
    package private(set) var title = ""
    package private(set) var stage: Stage?
    package private(set) var hasEnded = false
    package private(set) var aliases: [String] = []
    /// Streams in which the case goes on, as its own entries say.
    package private(set) var continuedIn: [String] = []
    /// Streams with which the case goes on, as its own entries say.
    package private(set) var continues: [String] = []
    package private(set) var entries: [Entry] = []
    /// When keys of its sealed values were destroyed, and why.
    package var keysDestroyed: [KeysDestroyed] = []

    /// The record that says that this entry's values are gone; nil if nothing does.
    package func destroyed(_ entry: Entry) -> KeysDestroyed? {
        entry.sealed.isEmpty ? nil : keysDestroyed.first { $0.sequence > entry.sequence }
    }

    /// One record of the stream.
    package struct Entry: Sendable {
        package let sequence: SequenceNumber
        package let revision: Revision
        package let recorded: Timestamp
        package let time: String
        package let isDayOnly: Bool
        package let isAsserted: Bool
        package let type: String
        package let typeTitle: Phrase
        package let operatorPerson: String
        package let operatorUnit: String
        package let participants: [Participant]
        /// Names of the fields whose values are sealed.
        package let sealed: [String]
        /// What a later entry did to this one.
        package var fate: Fate?
        /// The record that this one mends.
        package let mends: SequenceNumber?
        /// Seconds from the act to its entry; nil where only the day of the act is known.
        package let delaySeconds: Int64?
    }

    package enum Fate: String, Sendable {
        case corrected, withdrawn
    }

    /// A person in an act.
    package struct Participant: Hashable, Sendable {
        package let person: String
        package let role: String
        package let unit: String
        package let post: String?
        package let opinion: String?
        /// The grade of evidence.
        package let evidence: String
    }
}

extension CaseFile {
    /// Folds the lines of a stream, in order.
    ///
    /// Nobody has audited the lines: what is no record is left out.
    ///
    /// Each entry has the effect that the catalogue in force at its record gives it.
    package init(
        stream: StreamName, lines: [[UInt8]], catalogue: EventCatalogue,
        effects: (_ sequence: UInt64) -> EventCatalogue
    ) {
        self.stream = stream
        procedure = catalogue.procedure(stream.procedure)
        var data: [SequenceNumber: JSONValue] = [:]
        for line in lines {
            guard let root = try? JSONValue(parsing: line) else { continue }
            if root["withheld"] != nil {
                entries.append(Entry(withheld: root["withheld"] ?? .null))
                continue
            }
            guard let entry = Entry(root, catalogue) else { continue }
            entries.append(entry)
            data[entry.sequence] = root["event"]?["data"]
            mend(entry, root["event"]?["data"] ?? .null, &data)
        }
        summarise(data, effects)
    }

    private mutating func mend(
        _ entry: Entry, _ new: JSONValue, _ data: inout [SequenceNumber: JSONValue]
    ) {
        guard let target = entry.mends,
            let place = entries.firstIndex(where: { $0.sequence == target })
        else { return }
        if let corrected = new["corrected"] {
            entries[place].fate = .corrected
            data[target] = corrected
        } else {
            entries[place].fate = .withdrawn
            data[target] = nil
        }
    }

    /// Title, aliases and stage from what stands after all corrections.
    private mutating func summarise(
        _ data: [SequenceNumber: JSONValue], _ effects: (_ sequence: UInt64) -> EventCatalogue
    ) {
        for entry in entries {
            let catalogue = effects(entry.sequence.rawValue)
            guard let type = catalogue.eventType(entry.type), let data = data[entry.sequence],
                entry.fate != .withdrawn
            else { continue }
            let stages = catalogue.procedure(stream.procedure)?.stages
            if let id = type.stage, let found = stages?.first(where: { $0.id == id }) {
                stage = found
            }
            if type.ends { hasEnded = true }
            continuedIn += (type.continuedIn.map { data[$0].streams } ?? [])
                .filter { !continuedIn.contains($0) }
            continues += (type.continues.map { data[$0].streams } ?? [])
                .filter { !continues.contains($0) }
            let words = type.caseTitle.compactMap { data[$0].flatMap(CaseFile.text) }
            if !words.isEmpty { title = words.joined(separator: " ") }
            for field in type.fields where field.isAlias {
                if let alias = data[field.name]?.string, !aliases.contains(alias) {
                    aliases.append(alias)
                }
            }
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .object: value["name"]?.string
        case .array(let elements): elements.compactMap(text).joined(separator: "、")
        default: value.canonicalText
        }
    }

    /// Everyone in the case with the roles that they had, in the order of first appearance.
    package var people: [(person: String, roles: [String], unit: String, post: String?)] {
        var result: [(person: String, roles: [String], unit: String, post: String?)] = []
        for participant in entries.filter({ $0.fate != .withdrawn }).flatMap(\.participants) {
            if let place = result.firstIndex(where: { $0.person == participant.person }) {
                if !result[place].roles.contains(participant.role) {
                    result[place].roles.append(participant.role)
                }
                result[place].post = result[place].post ?? participant.post
            } else {
                result.append(
                    (
                        participant.person, [participant.role], participant.unit,
                        participant.post
                    ))
            }
        }
        return result
    }
}

extension CaseFile.Entry {
    /// Nil if `root` is no record.
    fileprivate init?(_ root: JSONValue, _ catalogue: EventCatalogue) {
        guard let chain = root["chain"], let event = root["event"], let data = event["data"],
            let sequence = chain["seq"]?.natural,
            let revision = root["intake"]?["revision"]?.natural,
            let recorded = chain["recorded"]?.string.flatMap({ Timestamp(fixed: $0) }),
            let type = event["type"]?.string, let time = event["time"]?.string
        else { return nil }
        self.sequence = SequenceNumber(sequence)
        self.revision = Revision(revision)
        (self.recorded, self.type, self.time) = (recorded, type, time)
        typeTitle = catalogue.title(ofType: type) ?? Phrase(en: type, zh: type)
        isDayOnly = event["precision"] != nil
        isAsserted = event["asserted"]?.bool ?? false
        operatorPerson = data["operator"]?["person"]?.string ?? ""
        operatorUnit = data["operator"]?["unit"]?.string ?? ""
        participants = (data["participants"]?.array ?? []).map { CaseFile.Participant($0) }
        sealed =
            ((data["corrected"]?.members ?? []) + (data.members ?? []))
            .filter { (try? SealedBox($0.value)) != nil }.map(\.name)
        let target = (data["corrects"] ?? data["withdraws"])?["seq"]?.natural
        mends = target.map(SequenceNumber.init)
        let moment = Array(time.utf8).withUnsafeBytes { ZonedTime($0)?.moment }
        delaySeconds =
            isDayOnly
            ? nil : moment.map { (recorded.microseconds - $0.microseconds) / 1_000_000 }
    }

    fileprivate init(withheld stub: JSONValue) {
        sequence = SequenceNumber(stub["seq"]?.natural ?? 0)
        revision = Revision(stub["revision"]?.natural ?? 0)
        recorded =
            stub["recorded"]?.string.flatMap { Timestamp(fixed: $0) }
            ?? Timestamp(microseconds: 0)
        (time, type, operatorPerson, operatorUnit) = ("", "withheld", "", "")
        typeTitle = Phrase(en: "withheld", zh: "已遮蔽")
        (isDayOnly, isAsserted, participants, mends) = (false, false, [], nil)
        sealed = []
        delaySeconds = nil
    }
}

extension JSONValue {
    /// The number, if it is whole and not negative.
    fileprivate var natural: UInt64? { integer.flatMap { UInt64(exactly: $0) } }
}

extension CaseFile.Participant {
    fileprivate init(_ json: JSONValue) {
        person = json["person"]?.string ?? ""
        role = json["role"]?.string ?? ""
        unit = json["unit"]?.string ?? ""
        post = json["post"]?.string
        opinion = json["opinion"]?.string
        evidence = json["evidence"]?.string ?? ""
    }
}

extension Ledger {
    /// The case whose stream is called `name`, or that has `name` for an alias such as a document
    /// number; nil if there is none.
    ///
    /// A stream is found through the index. An alias is looked for in the whole log, until read
    /// models keep aliases. Of its records those before number `size` count.
    package func caseFile(
        _ name: String, upTo size: UInt64 = .max
    ) async throws(LedgerError) -> CaseFile? {
        var stream = StreamName(name)
        if stream == nil { stream = try await self.stream(withAlias: name) }
        guard let stream else { return nil }
        let lines = try await lines(of: stream, upTo: size)
        guard !lines.isEmpty else { return nil }
        var file = try caseFile(stream, lines)
        if file.entries.contains(where: { !$0.sealed.isEmpty }) {
            file.keysDestroyed = try await keysDestroyed(of: stream)
                .filter { $0.sequence.rawValue < size }
        }
        return file
    }

    private func caseFile(
        _ stream: StreamName, _ lines: [[UInt8]]
    ) throws(LedgerError) -> CaseFile {
        CaseFile(
            stream: stream, lines: lines, catalogue: catalogue, effects: try cataloguesByRecord())
    }

    /// The catalogue that was in force at a record.
    package func cataloguesByRecord() throws(LedgerError) -> @Sendable (UInt64) -> EventCatalogue {
        var old: [(from: UInt64, catalogue: EventCatalogue)] = []
        let kept = AdoptedCatalogues(ledger: folder)
        for (from, digest) in adoptions.dropLast() { old.append((from, try kept.load(digest))) }
        let newest = adoptions.last?.from ?? 0
        let (catalogue, earlier) = (catalogue, old)
        return { sequence in
            guard sequence < newest else { return catalogue }
            return earlier.last { $0.from <= sequence }?.catalogue ?? catalogue
        }
    }

    private func lines(
        of stream: StreamName, upTo size: UInt64
    ) async throws(LedgerError) -> [[UInt8]] {
        do throws(StoreError) {
            var lines: [[UInt8]] = []
            let numbers = try await store.sequence(
                of: stream, from: Revision(0), limit: 1_000_000)
            for number in numbers where number.rawValue < size {
                lines += try await store.lines(from: number, limit: 1)
            }
            return lines
        } catch {
            throw LedgerError(error)
        }
    }

    private func stream(withAlias alias: String) async throws(LedgerError) -> StreamName? {
        let wanted = DocumentNumber.normalised(alias)
        let needle = Array(wanted.utf8.suffix(6))
        var next = SequenceNumber(0)
        while true {
            let lines: [[UInt8]]
            do throws(StoreError) {
                lines = try await store.lines(from: next, limit: 4096)
            } catch {
                throw LedgerError(error)
            }
            if lines.isEmpty { return nil }
            for line in lines where line.contains(sequence: needle) {
                if let stream = stream(of: line, alias: wanted) { return stream }
            }
            next = SequenceNumber(next.rawValue + UInt64(lines.count))
        }
    }

    private func stream(of line: [UInt8], alias: String) -> StreamName? {
        guard let event = try? JSONValue(parsing: line)["event"],
            let type = event["type"]?.string.flatMap({ catalogue.eventType($0) })
        else { return nil }
        let isNamed = type.fields.contains { field in
            field.isAlias
                && event["data"]?[field.name]?.string.map(DocumentNumber.normalised) == alias
        }
        return isNamed ? event["subject"]?.string.flatMap { StreamName($0) } : nil
    }
}

extension [UInt8] {
    fileprivate func contains(sequence needle: [UInt8]) -> Bool {
        guard let first = needle.first, count >= needle.count else { return false }
        var start = startIndex
        while let found = self[start...].firstIndex(of: first) {
            if self[found...].starts(with: needle) { return true }
            start = found + 1
        }
        return false
    }
}
