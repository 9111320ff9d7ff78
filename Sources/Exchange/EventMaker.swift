import CanonicalJSON

/// Makes CloudEvents of a file's rows as a mapping says, in canonical form.
///
/// The same file and mapping give the same bytes every time, so that an import can be done again.
final class EventMaker {
    enum Made {
        case event([UInt8])
        /// An activity that the mapping leaves out.
        case ignored
        case refused(RowRefusal)
    }

    private let plan: MappingPlan
    private let head: [UInt8]
    private let sourceAndVersion: [UInt8]
    private var cases: CaseNames
    private var persons = PersonNames()
    private var rowCount = 0
    /// How often an attribute was passed over, by the number of its name.
    private(set) var ignoredAttributes: [Int] = []
    private(set) var ignoredActivities: [String: Int] = [:]
    private(set) var names: [String] = []

    private static let eventBytesMax = 65_535
    private static let ignoredActivitiesMax = 1_000

    init(_ plan: MappingPlan, batch: String) {
        self.plan = plan
        cases = CaseNames(plan.replacements)
        var head = Array("{\"asserted\":true,\"correlationid\":".utf8)
        head.appendJSON(batch)
        head.append(contentsOf: ",\"data\":{".utf8)
        self.head = head
        var tail = Array(",\"source\":".utf8)
        tail.appendJSON(plan.source)
        tail.append(contentsOf: ",\"specversion\":\"1.0\",\"subject\":".utf8)
        sourceAndVersion = tail
    }

    var streamCount: Int { cases.count }

    func make(_ row: SourceRow) -> Made {
        rowCount += 1
        do throws(RowRefusal) {
            guard let bytes = try event(row) else { return .ignored }
            guard bytes.count <= EventMaker.eventBytesMax else {
                throw RowRefusal(
                    .tooLarge, en: "the event is longer than 65,535 bytes", zh: "事件超过 65535 字节")
            }
            return .event(bytes)
        } catch {
            return .refused(error)
        }
    }

    private func event(_ row: SourceRow) throws(RowRefusal) -> [UInt8]? {
        if let fault = row.fault { throw fault }
        var texts = RowTexts(row: row, absent: plan.absent, rowNumber: rowCount)
        let name = try cases.name(for: texts.need(plan.caseID, for: "stream"))
        texts.caseName = name
        let activity = try texts.need(plan.activity, for: "activity")
        guard let event = plan.events[activity] else { return try stranger(activity) }
        try countIgnored(row, event)
        let time = try time(texts)
        var bytes = head
        bytes.reserveCapacity(1_024)
        try write(event.members, texts, to: &bytes)
        bytes.append(contentsOf: "},\"datacontenttype\":\"application/json\",\"id\":".utf8)
        bytes.appendJSON(try texts.need(plan.id, for: "id"))
        if time.isDayOnly { bytes.append(contentsOf: ",\"precision\":\"day\"".utf8) }
        bytes.append(contentsOf: sourceAndVersion)
        bytes.appendJSON("\(plan.procedure)/\(name.text)")
        bytes.append(contentsOf: ",\"time\":".utf8)
        bytes.appendJSON(time.time)
        bytes.append(contentsOf: ",\"type\":".utf8)
        bytes.appendJSON(event.type)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private func stranger(_ activity: String) throws(RowRefusal) -> [UInt8]? {
        guard plan.strangeActivities == .ignore else {
            throw RowRefusal(
                .unmappedActivity, en: "the mapping has no activity \"\(activity)\"",
                zh: "映射中没有活动“\(activity)”")
        }
        if ignoredActivities.count < EventMaker.ignoredActivitiesMax {
            ignoredActivities[activity, default: 0] += 1
        }
        return nil
    }

    private func countIgnored(_ row: SourceRow, _ event: EventPlan) throws(RowRefusal) {
        if row.names.names.count > ignoredAttributes.count {
            names = row.names.names
            let more = names.count - ignoredAttributes.count
            ignoredAttributes += Array(repeating: 0, count: more)
        }
        for number in row.present {
            switch number < event.uses.count ? event.uses[number] : .stranger {
            case .used: continue
            case .stranger where plan.strangeAttributes == .refuse:
                let name = row.names.names[number]
                throw RowRefusal(
                    .unmappedAttribute,
                    en:
                        "\(event.type): the mapping has no attribute \"\(name)\"; use it or ignore it",
                    zh: "\(event.type)：映射中没有属性“\(name)”，请使用或列入 ignore")
            case .ignored, .stranger: ignoredAttributes[number] += 1
            }
        }
    }

    private func time(_ texts: RowTexts) throws(RowRefusal) -> TimeReading.Reading {
        let text = try texts.need(plan.time, for: "time")
        if let reading = plan.timeReading.read(text) { return reading }
        throw RowRefusal(
            .invalidTime, en: "the time \"\(text)\" is in none of the mapping's formats",
            zh: "时间“\(text)”不符合映射中的任何格式")
    }

    // MARK: - The data

    private func write(
        _ members: [EventPlan.Member], _ texts: RowTexts, to bytes: inout [UInt8]
    ) throws(RowRefusal) {
        var isFirst = true
        for member in members {
            let start = bytes.count
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: member.head)
            if try write(member, texts, to: &bytes) {
                isFirst = false
            } else {
                bytes.removeSubrange(start...)
            }
        }
    }

    /// Writes the value; false where the row has none.
    private func write(
        _ member: EventPlan.Member, _ texts: RowTexts, to bytes: inout [UInt8]
    ) throws(RowRefusal) -> Bool {
        switch member.value {
        case .constant(let json):
            bytes.append(contentsOf: json)
            return true
        case .field(let source):
            let writer = FieldWriter(name: member.name, source: source, times: plan.timeReading)
            return try writer.write(texts, to: &bytes)
        case .person(let source):
            let person = try texts.need(source.person, for: "operator")
            bytes.append(contentsOf: "{\"person\":".utf8)
            bytes.appendJSON(try persons.name(for: person, prefix: source.prefix))
            try writePost(source.post, texts, to: &bytes)
            bytes.append(contentsOf: ",\"unit\":".utf8)
            bytes.appendJSON(try texts.need(source.unit, for: "operator/unit"))
            bytes.append(UInt8(ascii: "}"))
            return true
        case .participants(let sources):
            return try write(sources, texts, to: &bytes)
        }
    }

    /// A participant whom the row does not name is left out.
    private func write(
        _ sources: [ParticipantSource], _ texts: RowTexts, to bytes: inout [UInt8]
    ) throws(RowRefusal) -> Bool {
        var count = 0
        bytes.append(UInt8(ascii: "["))
        for source in sources {
            guard let person = try texts.text(source.person) else { continue }
            if count > 0 { bytes.append(UInt8(ascii: ",")) }
            count += 1
            bytes.append(contentsOf: "{\"evidence\":".utf8)
            bytes.appendJSON(source.evidence)
            bytes.append(contentsOf: ",\"person\":".utf8)
            bytes.appendJSON(try persons.name(for: person, prefix: source.prefix))
            try writePost(source.post, texts, to: &bytes)
            bytes.append(contentsOf: ",\"role\":".utf8)
            bytes.appendJSON(try texts.need(source.role, for: "participants/role"))
            bytes.append(contentsOf: ",\"unit\":".utf8)
            bytes.appendJSON(try texts.need(source.unit, for: "participants/unit"))
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "]"))
        return count > 0
    }

    private func writePost(
        _ post: TextSource?, _ texts: RowTexts, to bytes: inout [UInt8]
    ) throws(RowRefusal) {
        guard let post, let text = try texts.text(post) else { return }
        bytes.append(contentsOf: ",\"post\":".utf8)
        bytes.appendJSON(text)
    }
}

extension [UInt8] {
    /// Appends `text` as a JSON string in canonical form.
    mutating func appendJSON(_ text: String) {
        var text = text
        text.withUTF8 { raw in
            let isPlain = raw.allSatisfy {
                $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
            guard isPlain else { return CanonicalWriter.writeString(raw, to: &self) }
            append(UInt8(ascii: "\""))
            append(contentsOf: raw)
            append(UInt8(ascii: "\""))
        }
    }
}
