package import CanonicalJSON

/// The attributes by which a recorded event is judged.
package struct RecordAttributes {
    package let source: JSONView
    package let id: JSONView
    package let type: JSONView
    package let subject: JSONView
    package private(set) var data: JSONView?
    package private(set) var time: JSONView?
    package private(set) var precision: JSONView?
    package private(set) var specversion: JSONView?

    /// One pass over `event`, whose names are closed: Specs/record.md section 2.
    @inline(__always)
    init(_ event: JSONView) throws(RecordError) {
        var (source, id, type, subject): (JSONView?, JSONView?, JSONView?, JSONView?)
        for (name, value) in event.members {
            guard let attribute = EventAttribute(name),
                attribute.rawValue < EventAttribute.recordedCount
            else { throw RecordError(.wrongShape, "event") }
            switch attribute {
            case .source: source = value
            case .id: id = value
            case .type: type = value
            case .subject: subject = value
            case .data: data = value
            case .time: time = value
            case .precision: precision = value
            case .specversion: specversion = value
            default: break
            }
        }
        guard let source, let id, let type, let subject, StreamName.isSound(subject.utf8),
            !type.utf8.isEmpty, !id.utf8.isEmpty, !source.utf8.isEmpty
        else { throw RecordError(.wrongShape, "event") }
        (self.source, self.id, self.type, self.subject) = (source, id, type, subject)
    }
}
