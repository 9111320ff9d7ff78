package import CanonicalJSON
import Digests
import Phrases
import Records

extension Grant {
    /// Specs/access.md section 2.
    package var json: JSONValue {
        var members = [
            JSONMember("by", .string(by)), JSONMember("created", .string(created.text)),
            JSONMember("expires", .string(expires.text)), JSONMember("id", .string(id.text)),
            JSONMember("name", .string(name)), JSONMember("owner", owner.json),
            JSONMember("rate", rate.json),
            JSONMember("rights", .array(rights.map { .string($0.text) })),
        ]
        if let certificate {
            members.append(JSONMember("certificate", .string(certificate.hex)))
        }
        if let reason { members.append(JSONMember("reason", .string(reason))) }
        if !roles.isEmpty { members.append(JSONMember("roles", .texts(roles))) }
        if speaksFor != .ownerAlone {
            members.append(JSONMember("speaksFor", .texts(speaksFor.texts)))
        }
        return .object(members)
    }

    /// Reads what ``json`` writes, in that one form and nothing else.
    package init(_ value: JSONValue) throws(AccessError) {
        let id = try value.take("id") { $0.string.flatMap { TokenID($0) } }
        let owner = try value.take("owner") { Owner($0) }
        let rights = try value.take("rights") { (rights: JSONValue) -> [Right]? in
            rights.allTexts.flatMap { texts in
                let read = texts.compactMap { Right(written: $0) }
                return read.count == texts.count ? read : nil
            }
        }
        let rate = try value.take("rate") { Rate($0) }
        self.init(
            id: id, name: try value.take("name", \.string), owner: owner, rights: rights,
            roles: try value.takeIfThere("roles", \.allTexts) ?? [],
            speaksFor: Speakers(try value.takeIfThere("speaksFor", \.allTexts) ?? []), rate: rate,
            by: try value.take("by", \.string), created: try value.take("created", \.moment),
            expires: try value.take("expires", \.moment),
            reason: try value.takeIfThere("reason", \.string),
            certificate: try value.takeIfThere("certificate") { (value: JSONValue) in
                value.string.flatMap { Digest(hex: $0) }
            })
        if let fault = faults.first { throw AccessError(fault) }
        // Closed members, sorted lists, nothing twice: all at once.
        guard json.canonicalBytes == value.canonicalBytes else {
            throw AccessError(
                en: "the grant has a member that is not known, or lists that are not in order",
                zh: "授权内容含未知成员，或列表未按规定排序")
        }
    }
}

extension Owner {
    package var json: JSONValue {
        switch self {
        case .person(let name): ["person": .string(name)]
        case .system(let name): ["system": .string(name)]
        }
    }

    fileprivate init?(_ value: JSONValue) {
        if let name = value["person"]?.string {
            self = .person(name)
        } else if let name = value["system"]?.string {
            self = .system(name)
        } else {
            return nil
        }
    }
}

extension Rate {
    package var json: JSONValue {
        ["burst": .integer(Int64(burst)), "perSecond": .integer(Int64(perSecond))]
    }

    fileprivate init?(_ value: JSONValue) {
        guard let perSecond = value["perSecond"]?.integer, let burst = value["burst"]?.integer,
            let rate = Rate(perSecond: Int(clamping: perSecond), burst: Int(clamping: burst))
        else { return nil }
        self = rate
    }
}

extension JSONValue {
    static func texts(_ texts: [String]) -> JSONValue {
        .array(texts.map { .string($0) })
    }

    /// The texts of a list that has nothing else.
    var allTexts: [String]? {
        guard let array else { return nil }
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts : nil
    }

    var moment: Timestamp? {
        string.flatMap { Timestamp(fixed: $0) }
    }

    /// The member called `name`, which must be there and be what `read` reads.
    func take<Value>(
        _ name: String, _ read: (JSONValue) -> Value?
    ) throws(AccessError) -> Value {
        guard let value = self[name].flatMap(read) else {
            throw AccessError(
                en: "\"\(name)\" is missing or not in its form", zh: "“\(name)”缺失或格式不符")
        }
        return value
    }

    /// The member called `name`, if there is one.
    func takeIfThere<Value>(
        _ name: String, _ read: (JSONValue) -> Value?
    ) throws(AccessError) -> Value? {
        self[name] == nil ? nil : try take(name, read)
    }
}
