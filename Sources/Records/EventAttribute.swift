import CanonicalJSON

/// The attributes that an event may have, in canonical order: Specs/record.md section 2.
enum EventAttribute: Int, CaseIterable {
    case asserted, causationid, correlationid, data, datacontenttype, dataschema, id, precision
    case signature, source, specversion, subject, time, type
    // Delivery attributes: read and not recorded.
    case expectedrevision, traceparent, tracestate

    static let recordedCount = EventAttribute.expectedrevision.rawValue

    @inline(__always)
    var name: StaticString {
        switch self {
        case .asserted: "asserted"
        case .causationid: "causationid"
        case .correlationid: "correlationid"
        case .data: "data"
        case .datacontenttype: "datacontenttype"
        case .dataschema: "dataschema"
        case .id: "id"
        case .precision: "precision"
        case .signature: "signature"
        case .source: "source"
        case .specversion: "specversion"
        case .subject: "subject"
        case .time: "time"
        case .type: "type"
        case .expectedrevision: "expectedrevision"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        }
    }

    /// The attribute called `name`: length and a letter leave one or two, which are then compared.
    @inline(__always)
    init?(_ name: JSONView) {
        let text = name.utf8
        guard text.count >= 2 else { return nil }
        let found: EventAttribute? =
            switch (text.count, text[0]) {
            case (2, _): .called(name, .id)
            case (4, UInt8(ascii: "d")): .called(name, .data)
            case (4, _): .called(name, .time) ?? .called(name, .type)
            case (6, _): .called(name, .source)
            case (7, _): .called(name, .subject)
            case (11, UInt8(ascii: "s")): .called(name, .specversion)
            case (15, _): .called(name, .datacontenttype)
            default: .rare(name, text.count)
            }
        guard let found else { return nil }
        self = found
    }

    private static func rare(_ name: JSONView, _ count: Int) -> EventAttribute? {
        switch count {
        case 8: .called(name, .asserted)
        case 9: .called(name, .precision) ?? .called(name, .signature)
        case 10: .called(name, .dataschema) ?? .called(name, .tracestate)
        case 11: .called(name, .causationid) ?? .called(name, .traceparent)
        case 13: .called(name, .correlationid)
        case 16: .called(name, .expectedrevision)
        default: nil
        }
    }

    /// The attribute, if `name` is its name.
    @inline(__always)
    private static func called(_ name: JSONView, _ attribute: EventAttribute) -> EventAttribute? {
        name.equals(attribute.name) ? attribute : nil
    }
}
