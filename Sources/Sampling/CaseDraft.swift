import CanonicalJSON
package import Catalogue

/// A case whose course is settled: which events on which days with which decisive values.
///
/// What says nothing of its course (names, texts, numbers) is filled in when it is written, so one
/// draft makes any number of cases: ``DraftWriter``.
package struct CaseDraft: Sendable {
    /// The procedures of its streams; the first is the case itself, others are cases that it names.
    package internal(set) var procedures: [String]
    /// In the order in which they happen.
    package internal(set) var events: [DraftEvent] = []

    /// Indices of the events of one stream.
    func places(of stream: Int) -> [Int] {
        events.indices.filter { events[$0].stream == stream }
    }
}

/// One event of a draft.
package struct DraftEvent: Sendable {
    package let type: EventType
    /// Which of the draft's streams it stands in.
    package let stream: Int
    /// When it happens: days since 1970-01-01 and seconds, both of the catalogue's time zone.
    package internal(set) var day: Int
    package internal(set) var second: Int
    package internal(set) var isAsserted = false
    var fields: [DraftMember] = []
    var participants: [DraftParticipant] = []
    var enteredBy: PersonReference

    func value(_ name: String) -> DraftValue? {
        fields.first { $0.name == name }?.value
    }

    mutating func set(_ name: String, _ value: DraftValue?) {
        let place = fields.firstIndex { $0.name == name }
        switch (place, value) {
        case (let place?, let value?): fields[place].value = value
        case (let place?, nil): fields.remove(at: place)
        case (nil, let value?): fields.append(DraftMember(name: name, value: value))
        case (nil, nil): break
        }
    }
}

struct DraftMember: Hashable, Sendable {
    let name: String
    var value: DraftValue
}

/// A value of a draft: settled, or to be filled in.
indirect enum DraftValue: Hashable, Sendable {
    case plain(JSONValue)
    /// So many days after the event.
    case day(Int)
    /// So many seconds after the event.
    case moment(Int)
    /// The year of the event.
    case year
    case person(PersonReference)
    /// Something that names or describes; the same key is the same value within a case.
    case made(DraftFiller, key: UInt64)
    /// The same, and the same in every event of a case: of the year in which the case began.
    case common(DraftFiller, key: UInt64)
    case list([DraftValue])
    case record([DraftMember])
}

/// What is filled in when a draft is written.
enum DraftFiller: Hashable, Sendable {
    case string(title: String, bytesMax: Int)
    case text(title: String, bytesMax: Int)
    case party(bytesMax: Int)
    case docNo, uscc, residentId, certificate, region, digest, uri, caseID, target
    case attachment(title: String)
    case organisation
    /// A case of that procedure, or of any.
    case reference(String?)
}

/// A person by role: the place in a list of those who have it.
struct PersonReference: Hashable, Sendable {
    /// The number of the role in the catalogue, or of a list of its own.
    var list: Int
    var place: Int
}

struct DraftParticipant: Hashable, Sendable {
    var person: PersonReference
    let role: String
    var opinion: String?
    var order: Int?
    var evidence = "signed"
}
