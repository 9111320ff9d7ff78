import CanonicalJSON

/// The attributes that an event may have, in canonical order: Specs/record.md section 2.
enum EventAttribute: Int, CaseIterable {
    case asserted, causationid, correlationid, data, datacontenttype, dataschema, id, precision
    case signature, source, specversion, subject, time, type
    // Delivery attributes: read and not recorded.
    case expectedrevision, traceparent, tracestate

    static let recordedCount = EventAttribute.expectedrevision.rawValue

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

    /// The attribute called `name`: length and a letter leave one, which is then compared.
    init?(_ name: JSONView) {
        let text = name.utf8
        guard text.count >= 2, let candidate = EventAttribute.candidate(text),
            name.equals(candidate.name)
        else { return nil }
        self = candidate
    }

    private static func candidate(_ text: UnsafeRawBufferPointer) -> EventAttribute? {
        switch (text.count, text[0]) {
        case (2, _): .id
        case (4, UInt8(ascii: "d")): .data
        case (4, _): text[1] == UInt8(ascii: "i") ? .time : .type
        case (6, _): .source
        case (7, _): .subject
        case (8, _): .asserted
        case (9, UInt8(ascii: "p")): .precision
        case (9, _): .signature
        case (10, UInt8(ascii: "d")): .dataschema
        case (10, _): .tracestate
        case (11, UInt8(ascii: "s")): .specversion
        case (11, UInt8(ascii: "c")): .causationid
        case (11, _): .traceparent
        case (13, _): .correlationid
        case (15, _): .datacontenttype
        case (16, _): .expectedrevision
        default: nil
        }
    }
}
