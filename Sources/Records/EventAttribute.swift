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

    /// The attribute called `name`, told first by its length.
    init?(_ name: JSONView) {
        let candidates: [EventAttribute]
        switch name.utf8.count {
        case 2: candidates = [.id]
        case 4: candidates = EventAttribute.ofFour
        case 6: candidates = [.source]
        case 7: candidates = [.subject]
        default: candidates = EventAttribute.others
        }
        for candidate in candidates where name.equals(candidate.name) {
            self = candidate
            return
        }
        return nil
    }

    private static let ofFour: [EventAttribute] = [.data, .time, .type]
    private static let others: [EventAttribute] = [
        .specversion, .datacontenttype, .expectedrevision, .correlationid, .causationid, .asserted,
        .precision, .dataschema, .signature, .traceparent, .tracestate,
    ]
}
