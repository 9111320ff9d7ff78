package import CanonicalJSON
import Phrases

extension CloudEvent {
    /// Reads `view`, or says everything that is wrong with its attributes.
    package init(_ view: JSONView) throws(EventRefused) {
        var reading = EventReading()
        reading.read(view)
        guard reading.refusals.isEmpty, let time = reading.time else {
            throw EventRefused(reading.refusals)
        }
        self.time = time
        isDayOnly = reading[.precision] != nil
        isAsserted = reading[.asserted]?.bool ?? false
        expectedRevision = reading[.expectedrevision]?.integer
        let spans: [Span]
        (bytes, spans) = reading.canonical(view)
        source = spans[EventAttribute.source.rawValue]
        id = spans[EventAttribute.id.rawValue]
        type = spans[EventAttribute.type.rawValue]
        subject = spans[EventAttribute.subject.rawValue]
        mediaType = CloudEvent.placeOfMediaType(spans)
    }

    /// It stands before `dataschema` if there is one, else before `id`.
    private static func placeOfMediaType(_ spans: [Span]) -> Range<Int> {
        func start(_ attribute: EventAttribute) -> Int? {
            let span = spans[attribute.rawValue]
            // Before the text stand two quotes around the name, a colon and a quote.
            return span.count > 0 ? span.start - attribute.name.utf8CodeUnitCount - 4 : nil
        }
        if let stated = start(.datacontenttype) {
            return stated..<stated + statedMediaType.utf8.count
        }
        let place = start(.dataschema) ?? start(.id) ?? 0
        return place..<place
    }
}

/// One pass over an event's attributes, gathering what is wrong.
private struct EventReading {
    private var values = [JSONView?](repeating: nil, count: EventAttribute.allCases.count)
    private(set) var refusals: [Refusal] = []
    private(set) var time: ZonedTime?

    subscript(_ attribute: EventAttribute) -> JSONView? { values[attribute.rawValue] }

    mutating func read(_ view: JSONView) {
        guard view.kind == .object else {
            refuse(.invalid, nil, "an event is a JSON object", "事件应为 JSON 对象")
            return
        }
        for (name, value) in view.members {
            guard let attribute = EventAttribute(name) else {
                refusals.append(unknown(name))
                continue
            }
            values[attribute.rawValue] = value
        }
        checkRequired()
        checkOptional()
    }

    private func unknown(_ name: JSONView) -> Refusal {
        let text = name.string ?? ""
        return Refusal(
            .unknownMember, at: "/" + pointerToken(text),
            en: "an event has no attribute called \"\(text)\"; remove it or put it into data",
            zh: "事件没有名为“\(text)”的属性，请删去或放入 data")
    }

    private mutating func checkRequired() {
        if let version = need(.specversion), !version.equals("1.0") {
            refuse(.invalid, .specversion, "must be \"1.0\"", "应为 \"1.0\"")
        }
        checkText(.id, bytesMax: 255, isRequired: true)
        checkText(.source, bytesMax: 255, isRequired: true)
        if let type = need(.type), !isEventType(type.utf8) {
            refuse(
                .invalid, .type, "must be <procedure>.<event> in lower case",
                "应为 <程序>.<事件>，小写英文")
        }
        if let subject = need(.subject), !StreamName.isSound(subject.utf8) {
            refuse(
                .invalid, .subject,
                "must be <procedure>/<case id>, the case id of letters, digits, . _ -",
                "应为 <程序>/<案件编号>，编号限字母、数字和 . _ -")
        }
        if let text = need(.time) {
            time = ZonedTime(text.utf8)
            if time == nil {
                refuse(
                    .invalid, .time,
                    "must be an RFC 3339 time with an offset, such as 2025-03-04T09:30:00+08:00",
                    "应为带时区的 RFC 3339 时间，如 2025-03-04T09:30:00+08:00")
            }
        }
        if let data = need(.data), data.kind != .object {
            refuse(.invalid, .data, "must be an object", "应为对象")
        }
    }

    private mutating func checkOptional() {
        if let precision = self[.precision], !precision.equals("day") {
            refuse(.invalid, .precision, "must be \"day\" or left out", "应为 \"day\" 或省略")
        }
        if let type = self[.datacontenttype], !type.equals("application/json") {
            refuse(
                .invalid, .datacontenttype, "must be \"application/json\"",
                "应为 \"application/json\"")
        }
        if let asserted = self[.asserted], asserted.bool == nil {
            refuse(.invalid, .asserted, "must be true or false", "应为 true 或 false")
        }
        if let revision = self[.expectedrevision], (revision.integer ?? -2) < -1 {
            refuse(
                .invalid, .expectedrevision, "must be a whole number from -1",
                "应为不小于 -1 的整数")
        }
        checkText(.causationid, bytesMax: 255, isRequired: false)
        checkText(.correlationid, bytesMax: 255, isRequired: false)
        checkText(.dataschema, bytesMax: 255, isRequired: false)
        checkText(.signature, bytesMax: 1024, isRequired: false)
        checkText(.traceparent, bytesMax: 255, isRequired: false)
        checkText(.tracestate, bytesMax: 1024, isRequired: false)
    }

    private mutating func checkText(
        _ attribute: EventAttribute, bytesMax: Int, isRequired: Bool
    ) {
        guard let value = isRequired ? need(attribute) : self[attribute] else { return }
        let isSound = value.kind == .string && value.utf8.count <= bytesMax
        guard isSound, AttributeText.isSound(value.utf8) else {
            refuse(
                .invalid, attribute,
                "must be 1 to \(bytesMax) bytes of visible text in normal form C, no space at its ends",
                "应为 1 至 \(bytesMax) 字节的可见文字（Unicode NFC），首尾无空格")
            return
        }
    }

    private mutating func need(_ attribute: EventAttribute) -> JSONView? {
        if let value = self[attribute] { return value }
        refuse(.missing, attribute, "is missing", "缺少该属性")
        return nil
    }

    private mutating func refuse(
        _ code: Refusal.Code, _ attribute: EventAttribute?, _ en: String, _ zh: String
    ) {
        let pointer = attribute.map { "/\($0.name)" } ?? ""
        refusals.append(Refusal(code, at: pointer, en: en, zh: zh))
    }

    private func isEventType(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count <= 127, let dot = text.firstIndex(of: UInt8(ascii: ".")) else {
            return false
        }
        return StreamName.isName(UnsafeRawBufferPointer(rebasing: text[..<dot]))
            && StreamName.isName(UnsafeRawBufferPointer(rebasing: text[(dot + 1)...]))
    }
}

extension EventReading {
    /// The canonical bytes without delivery attributes, and where each attribute's text stands.
    func canonical(_ view: JSONView) -> (bytes: [UInt8], spans: [CloudEvent.Span]) {
        let delivered = EventAttribute.recordedCount..<values.count
        if view.isCanonical, values[delivered].allSatisfy({ $0 == nil }) {
            return (Array(view.rawBytes), values.map { span(of: $0, from: view.offset) })
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(view.rawBytes.count + 64)
        var spans = [CloudEvent.Span](
            repeating: CloudEvent.Span(start: 0, count: 0), count: values.count)
        for place in 0..<EventAttribute.recordedCount {
            guard let value = values[place], let attribute = EventAttribute(rawValue: place) else {
                continue
            }
            bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
            CanonicalWriter.writeString(name(of: attribute), to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            let start = bytes.count
            CanonicalWriter.write(value, to: &bytes)
            spans[place] = CloudEvent.Span(start: start + 1, count: bytes.count - start - 2)
        }
        bytes.append(UInt8(ascii: "}"))
        return (bytes, spans)
    }

    private func name(of attribute: EventAttribute) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: attribute.name.utf8Start, count: attribute.name.utf8CodeUnitCount)
    }

    private func span(of value: JSONView?, from origin: Int) -> CloudEvent.Span {
        guard let value, value.kind == .string else { return CloudEvent.Span(start: 0, count: 0) }
        return CloudEvent.Span(start: value.offset + 1 - origin, count: value.rawBytes.count)
    }
}

/// A reference token of a JSON pointer: RFC 6901 section 3.
package func pointerToken(_ name: String) -> String {
    var token = ""
    for character in name {
        switch character {
        case "~": token += "~0"
        case "/": token += "~1"
        default: token.append(character)
        }
    }
    return token
}
