/// A JSON value that owns its contents: for what is small or built by hand.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// A member of an object.
package struct JSONMember: Hashable, Sendable {
    package var name: String
    package var value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }

    /// The order of names in the canonical form.
    fileprivate static func precedes(_ left: JSONMember, _ right: JSONMember) -> Bool {
        var (left, right) = (left.name, right.name)
        return left.withUTF8 { left in right.withUTF8 { compareAsUTF16(left, $0) < 0 } }
    }
}

extension JSONValue {
    package init(_ view: JSONView) {
        switch view.kind {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number:
            if let integer = view.integer {
                self = .integer(integer)
            } else {
                self = .number(view.double ?? 0)
            }
        case .string: self = .string(view.string ?? "")
        case .array: self = .array(view.elements.map(JSONValue.init))
        case .object:
            self = .object(
                view.members.map { JSONMember($0.name.string ?? "", JSONValue($0.value)) })
        }
    }

    /// The one value in `bytes`.
    package init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        let array = Array(bytes)
        self = try array.span.bytes.withUnsafeBytes { (raw) throws(JSONError) -> JSONValue in
            try JSONReader().read(raw) { JSONValue($0) }
        }
    }

    /// The canonical form (RFC 8785).
    package var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// Members in the order in which they were given, for people and scripts.
    package var bytesAsGiven: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, sorting: false)
        return bytes
    }

    package func write(to bytes: inout [UInt8], sorting: Bool = true) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value): bytes.append(contentsOf: ECMAScriptNumber.text(of: value).utf8)
        case .string(let text): CanonicalWriter.writeString(text.utf8, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes, sorting: sorting)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members): write(members, to: &bytes, sorting)
        }
    }

    private func write(_ members: [JSONMember], to bytes: inout [UInt8], _ sorting: Bool) {
        let isDone =
            !sorting || zip(members, members.dropFirst()).allSatisfy(JSONMember.precedes)
        let shown = isDone ? members : members.sorted(by: JSONMember.precedes)
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in shown.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            CanonicalWriter.writeString(member.name.utf8, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.write(to: &bytes, sorting: sorting)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension JSONValue {
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        // By bytes; equal strings may have others, but those of another length are never equal.
        let count = name.utf8.count
        return members.first {
            $0.name.utf8.count == count && $0.name == name && $0.name.utf8.elementsEqual(name.utf8)
        }?.value
    }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [JSONMember]? {
        if case .object(let members) = self { members } else { nil }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
}
