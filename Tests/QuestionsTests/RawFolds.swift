import CanonicalJSON
import Catalogue
import Foundation
import Phrases
import Projections
import Questions
import Rules

/// Folds by hand that several tests need: what a person held, whom a case names.
extension RawLedger {
    /// One case in the order in which things happened.
    func `case`(_ stream: String) -> [Entry] {
        (streams[stream] ?? []).sorted {
            ($0.span.lowerBound, $0.sequence) < ($1.span.lowerBound, $1.sequence)
        }
    }

    /// Names of all cases of a procedure in the order of their first records.
    func names(_ procedure: String) -> [String] {
        var seen: Set<String> = []
        return lines.compactMap { $0["event"]?["subject"]?.string }
            .filter { $0.hasPrefix(procedure + "/") && seen.insert($0).inserted }
    }

    /// Cases of which some line, mended or not, has that text as a value.
    func names(holding text: String, of procedures: [String]) -> [String] {
        let found = lines.filter { line in
            let stream = line["event"]?["subject"]?.string ?? ""
            return procedures.contains(String(stream.prefix { $0 != "/" }))
                && RawLedger.holds(text, line["event"]?["data"] ?? .null)
        }
        return Set(found.compactMap { $0["event"]?["subject"]?.string }).sorted()
    }

    static func holds(_ text: String, _ json: JSONValue) -> Bool {
        switch json {
        case .string(let own): own == text
        case .array(let elements): elements.contains { holds(text, $0) }
        case .object(let members): members.contains { holds(text, $0.value) }
        default: false
        }
    }

    // MARK: - Certificates

    /// Whether an officer's case gives the person a certificate on that day.
    func isCertified(_ person: String, on day: String) -> Bool {
        cases("officer").contains { _, entries in
            guard entries.last(where: { $0.type == "officer.registered" })?.text("person") == person
            else { return false }
            return entries.indices.contains(where: { place in
                let entry = entries[place]
                let begins = ["issued", "renewed", "restored"].map { "officer.certificate-" + $0 }
                guard begins.contains(entry.type) else { return false }
                let issued = entry.text("issuedOn")
                let until = entry.text("validUntil")
                let ends = ["suspended", "revoked", "expired"].map { "officer.certificate-" + $0 }
                let ended = entries[(place + 1)...].first { ends.contains($0.type) }?.day
                return (issued.isEmpty ? entry.day : issued) <= day
                    && (until.isEmpty || day <= until) && (ended.map { day < $0 } ?? true)
            })
        }
    }

    // MARK: - Posts

    struct Held {
        let entry: Entry
        let kind: String
        let first: String
        /// The first day on which it is held no more.
        let end: String
    }

    /// Everything that the person's own case says he held.
    func held(_ person: String) -> [Held] {
        let own = names("person").first { stream in
            self.case(stream).last { $0.type == "person.registered" }?.text("person") == person
        }
        guard let own else { return [] }
        let entries = self.case(own)
        var held: [Held] = []
        for (place, entry) in entries.enumerated() {
            let kinds = [
                "person.post-assumed": "post", "person.acting-started": "acting",
                "person.delegation-granted": "delegation",
            ]
            guard let kind = kinds[entry.type] else { continue }
            let first = entry.text("startsOn").isEmpty ? entry.day : entry.text("startsOn")
            var end = "9999-12-31"
            if !entry.text("endsOn").isEmpty { end = RawLedger.after(entry.text("endsOn")) }
            for other in entries[(place + 1)...] {
                guard let day = RawLedger.end(of: entry, kind, by: other) else { continue }
                end = min(end, day)
                break
            }
            if first < end { held.append(Held(entry: entry, kind: kind, first: first, end: end)) }
        }
        return held
    }

    private static func end(of entry: Entry, _ kind: String, by other: Entry) -> String? {
        func day(_ field: String) -> String {
            other.text(field).isEmpty ? other.day : other.text(field)
        }
        switch other.type {
        case "person.transferred": return day("transferredOn")
        case "person.retired": return day("retiredOn")
        case "person.resigned": return day("resignedOn")
        case "person.deceased": return day("deceasedOn")
        case "person.post-left":
            return kind == "post" && other.text("post") == entry.text("post")
                ? day("leftOn") : nil
        case "person.acting-ended":
            return kind == "acting" && other.text("post") == entry.text("post")
                ? day("endedOn") : nil
        case "person.delegation-ended":
            let isSame =
                other.text("kind") == entry.text("kind")
                && other.text("delegator") == entry.text("delegator")
            return kind == "delegation" && isSame ? day("endedOn") : nil
        default: return nil
        }
    }

    static func after(_ day: String) -> String { self.day(number: number(day) + 1) }

    /// The posts held on that day, in the order of entry on the line.
    func posts(_ person: String, on day: String) -> [String] {
        held(person).filter { $0.kind != "delegation" && $0.first <= day && day < $0.end }
            .map { $0.entry.text("post") }
    }
}

/// What somebody did in an entry, by hand.
struct RawAct {
    let entry: RawLedger.Entry
    let person: String
    /// Empty of whoever entered it.
    let role: String
    let unit: String
    let post: String
    let json: JSONValue

    /// Never a reporter's.
    static func all(
        _ entry: RawLedger.Entry, _ raw: RawLedger, _ catalogue: EventCatalogue
    ) -> [RawAct] {
        var acts: [RawAct] = []
        // A correction says nothing of who entered what it corrects.
        let enterer = raw.lines[entry.sequence]["event"]?["data"]?["operator"]
        let isReporters = catalogue.eventType(entry.type)?.by.contains("reporter") ?? false
        let isTold = ["检查发现", "企业报告", "单位报告"].contains(entry.text("source"))
        if !entry.person.isEmpty, !isReporters || isTold {
            acts.append(RawAct(entry, enterer ?? .null, entry.person, ""))
        }
        for one in entry.data["participants"]?.array ?? [] where one["role"]?.string != "reporter" {
            acts.append(
                RawAct(entry, one, one["person"]?.string ?? "", one["role"]?.string ?? ""))
        }
        return acts
    }

    private init(
        _ entry: RawLedger.Entry, _ json: JSONValue, _ person: String, _ role: String
    ) {
        (self.entry, self.json, self.person, self.role) = (entry, json, person, role)
        unit = role.isEmpty ? entry.unit : json["unit"]?.string ?? ""
        post = json["post"]?.string ?? ""
    }

    func text(_ name: String) -> String { json[name]?.string ?? "" }

    func shownPost(_ raw: RawLedger) -> String {
        post.isEmpty ? raw.posts(person, on: entry.day).joined(separator: ", ") : post
    }

    func shownRole(_ catalogue: EventCatalogue) -> String {
        role.isEmpty ? "entered it" : catalogue.role(role)?.title.en ?? role
    }
}

extension SceneAsking {
    var catalogue: EventCatalogue { past.shelf.newest.catalogue }

    func title(_ type: String) -> String { catalogue.title(ofType: type)?.en ?? type }

    func acts(_ entry: RawLedger.Entry) -> [RawAct] { RawAct.all(entry, raw, catalogue) }

    func decides(_ type: String) -> Bool {
        catalogue.eventType(type)?.participants.contains {
            ["signatory", "approver", "chair", "attendee"].contains($0.role)
        } ?? false
    }
}

extension Answer {
    /// The ids of rules that a column names, sorted.
    func rules(_ row: Row, _ column: String) -> [String] {
        guard let value = value(row, column) else { return [] }
        let values = if case .list(let values) = value { values } else { [value] }
        return values.compactMap { value in
            guard case .phrase(let phrase) = value else { return nil }
            return String(phrase.en.prefix { $0 != ":" })
        }.sorted()
    }
}

/// How a standing is told in English.
func words(_ state: DutyStanding.State?) -> String {
    state == .lapsed ? "fallen away" : state?.rawValue ?? ""
}
