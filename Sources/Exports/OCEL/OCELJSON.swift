import CanonicalJSON
import Records

/// OCEL 2.0 as JSON; the types stand at the end, when all are known.
final class OCELJSON: OCELOutput {
    private let sink: any ByteSink
    private var eventTypes = OCELTypes()
    private var objectTypes = OCELTypes()
    private var isFirst = true

    /// Attributes that never change are as old as time.
    static let always = "1970-01-01T00:00:00.000000Z"

    init(_ sink: any ByteSink) { self.sink = sink }

    func beginEvents() throws(ExportError) {
        try sink.write("{\"events\":[")
        isFirst = true
    }

    func write(_ event: OCELEvent) throws(ExportError) {
        _ = eventTypes.add(event.type, event.attributes)
        try put([
            "id": .string(event.id), "type": .string(event.type),
            "time": .string(event.moment.text),
            "attributes": .array(
                event.attributes.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "relationships": json(event.relations),
        ])
    }

    func beginObjects() throws(ExportError) {
        try sink.write("\n],\"objects\":[")
        isFirst = true
    }

    func write(_ object: OCELObject) throws(ExportError) {
        _ = objectTypes.add(object.type, object.attributes.map(\.attribute))
        let attributes = object.attributes.map { attribute, since -> JSONValue in
            [
                "name": .string(attribute.name),
                "time": .string(since?.text ?? OCELJSON.always),
                "value": .string(attribute.value),
            ]
        }
        try put([
            "id": .string(object.id), "type": .string(object.type),
            "attributes": .array(attributes), "relationships": json(object.relations),
        ])
    }

    func finish() throws(ExportError) {
        let types = [("eventTypes", eventTypes), ("objectTypes", objectTypes)]
        try sink.write("\n]")
        for (name, types) in types {
            let list = types.names.map { type -> JSONValue in
                let attributes = (types.attributes[type] ?? []).map { name, kind -> JSONValue in
                    ["name": .string(name), "type": .string(kind.rawValue)]
                }
                return ["name": .string(type), "attributes": .array(attributes)]
            }
            try sink.write(",\n\"\(name)\":" + JSONValue.array(list).canonicalText)
        }
        try sink.write("}\n")
    }

    private func put(_ value: JSONValue) throws(ExportError) {
        try sink.write(Array((isFirst ? "\n" : ",\n").utf8) + value.bytesAsGiven)
        isFirst = false
    }

    private func json(_ relations: [OCELRelation]) -> JSONValue {
        .array(
            relations.map {
                ["objectId": .string($0.object), "qualifier": .string($0.qualifier)]
            })
    }
}
