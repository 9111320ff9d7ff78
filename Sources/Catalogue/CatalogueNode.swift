import CanonicalJSON

/// A value of a catalogue and where it stands: the common form of the YAML files and the compiled
/// form, so that one decoder reads both.
struct CatalogueNode: Sendable {
    indirect enum Content: Sendable {
        case bool(Bool)
        case integer(Int64)
        case text(String)
        case list([CatalogueNode])
        case map([(name: String, place: CataloguePlace, value: CatalogueNode)])
    }

    let place: CataloguePlace
    let content: Content

    init(_ place: CataloguePlace, _ content: Content) {
        (self.place, self.content) = (place, content)
    }

    subscript(name: String) -> CatalogueNode? {
        guard case .map(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    var text: String? {
        if case .text(let text) = content { text } else { nil }
    }

    var list: [CatalogueNode]? {
        if case .list(let elements) = content { elements } else { nil }
    }
}

extension CatalogueNode {
    var json: JSONValue {
        switch content {
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .text(let text): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .map(let members): .object(members.map { JSONMember($0.name, $0.value.json) })
        }
    }

    /// Reads the compiled form; nil for what it never holds: null and numbers that are not whole.
    init?(compiled view: JSONView) {
        place = CataloguePlace(file: "compiled", line: 1, column: view.offset + 1)
        switch view.kind {
        case .null: return nil
        case .true: content = .bool(true)
        case .false: content = .bool(false)
        case .number:
            guard let integer = view.integer else { return nil }
            content = .integer(integer)
        case .string: content = .text(String(decoding: view.utf8, as: UTF8.self))
        case .array:
            var elements: [CatalogueNode] = []
            elements.reserveCapacity(view.count)
            for element in view.elements {
                guard let node = CatalogueNode(compiled: element) else { return nil }
                elements.append(node)
            }
            content = .list(elements)
        case .object:
            var members: [(name: String, place: CataloguePlace, value: CatalogueNode)] = []
            members.reserveCapacity(view.count)
            for (name, value) in view.members {
                guard let node = CatalogueNode(compiled: value) else { return nil }
                members.append((String(decoding: name.utf8, as: UTF8.self), node.place, node))
            }
            content = .map(members)
        }
    }
}
