import CanonicalJSON
import Phrases

/// The members of a JSON object in a request that is no event.
struct RequestMembers: Sendable {
    private let members: [JSONMember]
    private let path: String

    /// Throws if `json` is no object.
    init(_ json: JSONValue, at path: String = "") throws(Problem) {
        guard case .object(let members) = json else { throw Problem.wrong(path, "object", "对象") }
        (self.members, self.path) = (members, path)
    }

    /// Throws if there is another member than these.
    func demandOnly(_ names: [String]) throws(Problem) {
        guard let other = members.first(where: { !names.contains($0.name) }) else { return }
        let known = names.joined(separator: ", ")
        throw Problem(
            .malformedRequest, en: "\(path)/\(other.name): no such member; there are \(known)",
            zh: "\(path)/\(other.name)：没有该成员；可用成员：\(known)")
    }

    func text(_ name: String) throws(Problem) -> String? {
        try read(name, "string", "字符串", \.string)
    }

    func integer(_ name: String) throws(Problem) -> Int64? {
        try read(name, "whole number", "整数", \.integer)
    }

    func flag(_ name: String) throws(Problem) -> Bool? {
        try read(name, "true or false", "true 或 false") { json in
            if case .bool(let value) = json { value } else { nil }
        }
    }

    /// None if it is not there.
    func texts(_ name: String) throws(Problem) -> [String] {
        try read(name, "list of strings", "字符串列表") { json in
            guard let values = json.array else { return nil }
            let texts = values.compactMap(\.string)
            return texts.count == values.count ? texts : nil
        } ?? []
    }

    func object(_ name: String) throws(Problem) -> RequestMembers? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        return try RequestMembers(member.value, at: "\(path)/\(name)")
    }

    private func read<Value>(
        _ name: String, _ en: String, _ zh: String, _ take: (JSONValue) -> Value?
    ) throws(Problem) -> Value? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        guard let value = take(member.value) else { throw Problem.wrong("\(path)/\(name)", en, zh) }
        return value
    }
}

extension APIRequest {
    /// The body as a JSON object.
    func members(upTo byteCountMax: Int) async throws(Problem) -> RequestMembers {
        let bytes = try await body.bytes(upTo: byteCountMax)
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw Problem(
                .malformedRequest, en: "the body is no JSON: \(error)",
                zh: "请求正文不是 JSON：\(error)")
        }
        return try RequestMembers(json)
    }
}

extension Problem {
    fileprivate static func wrong(_ path: String, _ en: String, _ zh: String) -> Problem {
        Problem(
            .malformedRequest, en: "\(path.isEmpty ? "the body" : path) is a JSON \(en)",
            zh: "\(path.isEmpty ? "请求正文" : path) 应为 JSON \(zh)")
    }
}
