package import CanonicalJSON

/// Of cases that are kept apart nobody else's data tell: Specs/access.md section 3.
extension JSONValue {
    /// The value without the texts that name a case of these procedures: `{"leftOut":"apart"}`
    /// stands for each.
    package func leavingOut(_ procedures: Set<String>) -> JSONValue {
        guard !procedures.isEmpty else { return self }
        return switch self {
        case .string(let text):
            procedures.contains { text.contains($0 + "/") } ? ["leftOut": "apart"] : self
        case .array(let values): .array(values.map { $0.leavingOut(procedures) })
        case .object(let members):
            .object(members.map { JSONMember($0.name, $0.value.leavingOut(procedures)) })
        default: self
        }
    }
}

/// The same of a line of a record; most name none and are not read.
func line(_ line: [UInt8], leavingOut procedures: Set<String>) -> [UInt8] {
    let isNamed = procedures.contains { line.holds(Array("\($0)/".utf8)) }
    guard isNamed, let json = try? JSONValue(parsing: line) else { return line }
    return json.leavingOut(procedures).canonicalBytes
}

extension [UInt8] {
    fileprivate func holds(_ text: [UInt8]) -> Bool {
        var start = startIndex
        while let place = self[start...].firstIndex(of: text[0]) {
            if self[place...].starts(with: text) { return true }
            start = place + 1
        }
        return false
    }
}
