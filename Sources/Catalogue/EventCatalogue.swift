package import Digests
package import Phrases

/// Procedures, event types, roles and laws: everything that the engine knows about the bureau.
///
/// It never changes once made: a new catalogue is a new object with another digest.
package final class EventCatalogue: Sendable {
    package let id: String
    package let version: String
    package let title: Phrase
    /// An IANA name, such as `Asia/Shanghai`.
    package let timeZone: String
    package let source: String?
    package let laws: [Law]
    package let roles: [Role]
    package let plan: [Measure]
    package let enumerations: [Enumeration]
    package let regions: [Region]
    package let registers: [Register]
    package let indicators: [Indicator]
    package let calendar: Calendar
    /// How late an entry may be without being a finding; nil sets no limit.
    package let lateEntry: Term?
    /// When a service publishes the ledger, ascending; none where it does not ask for it.
    package let publishAt: [DayTime]
    /// Where each expression, `rule <id>`, `duty <id>`, `event <type>` and `measure <id>` stands.
    package let places: [String: CataloguePlace]
    /// In order of their ids.
    package let procedures: [Procedure]
    /// Those that no right for all procedures covers: Specs/access.md section 3.
    package let apart: Set<String>
    /// Types of the procedures, in the order of their files, then the common ones.
    package let eventTypes: [EventType]
    /// Names that types had in earlier catalogues, with those that they have now.
    package let formerNames: [String: String]
    /// Titles of the ledger's own records, `ledger.*`.
    package let ledgerTitles: [String: Phrase]
    /// The canonical JSON that is adopted and kept: ``init(compiled:)`` reads it back.
    package let compiled: [UInt8]
    /// SHA-256 of ``compiled``.
    package let digest: Digest

    private let index: EventTypeIndex
    let uniform: UniformMembers
    let regionTable: RegionTable

    init(_ parts: Parts, compiled: [UInt8]) {
        id = parts.id
        version = parts.version
        title = parts.title
        timeZone = parts.timeZone
        source = parts.source
        laws = parts.laws
        roles = parts.roles
        plan = parts.plan
        enumerations = parts.enumerations
        regions = parts.regions
        calendar = parts.calendar
        (registers, indicators, lateEntry) = (parts.registers, parts.indicators, parts.lateEntry)
        (publishAt, places) = (parts.publishAt, parts.places)
        procedures = parts.procedures
        apart = Set(parts.procedures.filter(\.isApart).map(\.id))
        ledgerTitles = parts.ledgerTitles
        let uniform = UniformMembers(roles: parts.roles.map(\.id))
        eventTypes = parts.types.map { EventType($0, uniform: uniform) }
        self.uniform = uniform
        formerNames = Dictionary(
            eventTypes.flatMap { type in type.formerly.map { ($0, type.name) } },
            uniquingKeysWith: { first, _ in first })
        index = EventTypeIndex(eventTypes)
        regionTable = RegionTable(parts.regions)
        self.compiled = compiled
        digest = SHA256.digest(of: compiled)
    }

    /// By which days off its limits are counted.
    package enum Calendar: String, Sendable, CaseIterable {
        /// China's, with its make-up workdays.
        case cn
        /// No day is off: a last day stays where it falls.
        case plain
    }

    /// What the decoder gathers.
    struct Parts {
        var id = ""
        var version = ""
        var title = Phrase(en: "", zh: "")
        var timeZone = ""
        var source: String?
        var laws: [Law] = []
        var roles: [Role] = []
        var plan: [Measure] = []
        var enumerations: [Enumeration] = []
        var regions: [Region] = []
        var registers: [Register] = []
        var indicators: [Indicator] = []
        var lateEntry: Term?
        var publishAt: [DayTime] = []
        var calendar = Calendar.cn
        var places: [String: CataloguePlace] = [:]
        var procedures: [Procedure] = []
        var types: [EventType.Definition] = []
        var ledgerTitles: [String: Phrase] = [:]
    }
}

extension EventCatalogue {
    /// The type called `name` (`penalty.decided`), or nil.
    package func eventType(_ name: UnsafeRawBufferPointer) -> EventType? {
        index.find(name)
    }

    package func eventType(_ name: String) -> EventType? {
        var name = name
        return name.withUTF8 { index.find(UnsafeRawBufferPointer($0)) }
    }

    package func procedure(_ id: some StringProtocol) -> Procedure? {
        procedures.first { $0.id == id }
    }

    package func law(_ id: String) -> Law? {
        laws.first { $0.id == id }
    }

    package func role(_ id: String) -> Role? {
        roles.first { $0.id == id }
    }

    /// The title of any type that can stand in a ledger, also of the ledger's own.
    package func title(ofType name: String) -> Phrase? {
        eventType(name)?.title ?? ledgerTitles[name]
    }

    /// Why an event of type `type` may not stand in the stream `subject`, or nil.
    package func refusalOfSubject(
        _ subject: UnsafeRawBufferPointer, for type: EventType
    ) -> Phrase? {
        let procedure = UnsafeRawBufferPointer(
            rebasing: subject.prefix { $0 != UInt8(ascii: "/") })
        guard let own = type.procedure else {
            let name = String(decoding: procedure, as: UTF8.self)
            if self.procedure(name) != nil { return nil }
            return Phrase(
                en: "the catalogue has no procedure \"\(name)\"", zh: "目录中没有程序“\(name)”")
        }
        if areSame(procedure, type.procedureBytes) { return nil }
        return Phrase(
            en: "\(type.name) belongs into a stream \(own)/<case id>",
            zh: "\(type.name) 应登记在 \(own)/<案件编号> 中")
    }
}

/// Event types by name, found without making a String.
struct EventTypeIndex: Sendable {
    private var slots: [EventType?]
    private let mask: Int

    init(_ types: [EventType]) {
        var capacity = 64
        while capacity < types.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = Array(repeating: nil, count: capacity)
        for type in types {
            var slot = EventTypeIndex.hash(type.name.utf8) & mask
            while slots[slot] != nil { slot = (slot + 1) & mask }
            slots[slot] = type
        }
    }

    func find(_ name: UnsafeRawBufferPointer) -> EventType? {
        var slot = EventTypeIndex.hash(name) & mask
        while let type = slots[slot] {
            if areSame(name, type.nameBytes) {
                return type
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// FNV-1a, enough for names that the catalogue's author chose.
    private static func hash(_ bytes: some Sequence<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: hash >> 1)
    }
}
