package import Phrases
import Records

extension Grant {
    /// What is wrong with it whatever the catalogue and other tokens are: Specs/access.md
    /// sections 2 to 4.
    package var faults: [Phrase] {
        names + terms + rightsOfOwner + selfGrants
    }

    private var names: [Phrase] {
        var faults: [Phrase] = []
        if !Name.areWords(name, byteCountMax: Grant.nameBytesMax) {
            faults.append(.badWords("name", "名称", Grant.nameBytesMax))
        }
        if let reason, !Name.areWords(reason, byteCountMax: Grant.reasonBytesMax) {
            faults.append(.badWords("reason", "理由", Grant.reasonBytesMax))
        }
        if case .system(let system) = owner, !Name.isSound(system) {
            faults.append(
                Phrase(
                    en: "\"\(system)\" is no system's name: lower-case letters, digits and "
                        + "hyphens, such as penalty-system",
                    zh: "“\(system)”不是有效的系统名称：只用小写字母、数字和连字符，如 penalty-system"))
        }
        let persons = [by] + (owner.isPerson ? [owner.name] : []) + speakers
        faults += persons.filter { !Name.isPerson($0) }.map(Phrase.noPerson)
        for role in roles where !Name.isSound(role) {
            faults.append(Phrase(en: "\"\(role)\" is no role's id", zh: "“\(role)”不是有效的角色代号"))
        }
        return faults
    }

    private var speakers: [String] {
        if case .persons(let persons) = speaksFor { persons } else { [] }
    }

    private var terms: [Phrase] {
        var faults: [Phrase] = []
        if expires <= created {
            faults.append(Phrase(en: "it would have expired already", zh: "期限已过"))
        }
        if expires > created.advanced(bySeconds: Int64(Grant.daysMax) * 86_400) {
            faults.append(
                Phrase(
                    en: "a token lives at most \(Grant.daysMax) days",
                    zh: "令牌有效期最长 \(Grant.daysMax) 天"))
        }
        return faults
    }

    private var rightsOfOwner: [Phrase] {
        var faults: [Phrase] = []
        if rights.isEmpty {
            faults.append(Phrase(en: "it has no right", zh: "未授予任何权限"))
        }
        if rights.contains(where: \.isAdministration), rights.count > 1 {
            faults.append(
                Phrase(
                    en: "a token to administer has that right alone",
                    zh: "管理员令牌只能有一项管理权限，不得兼有其他权限"))
        }
        if !owner.isPerson, rights.contains(where: \.isOfPersons) {
            faults.append(
                Phrase(
                    en: "only a person approves or administers", zh: "审批和管理权限只能授予人员"))
        }
        if owner.isPerson, speaksFor == .anybody {
            faults.append(
                Phrase(en: "only a system speaks for anybody", zh: "只有系统令牌可代任何人员经办"))
        }
        let unsupported = rights.contains { right in
            guard case .assert(let scope) = right else { return false }
            return !rights.contains { $0.includes(.append(scope), apart: []) }
        }
        if unsupported {
            faults.append(
                Phrase(
                    en: "assert needs append for the same procedures",
                    zh: "assert 须同时具有相同程序的 append 权限"))
        }
        return faults
    }

    private var selfGrants: [Phrase] {
        guard let grave = rights.first(where: \.isGrave) else { return [] }
        var faults: [Phrase] = []
        if owner == .person(by) {
            faults.append(
                Phrase(
                    en: "nobody grants himself \(grave.text)", zh: "不得自行授予 \(grave.text) 权限"))
        }
        if reason == nil {
            faults.append(
                Phrase(en: "\(grave.text) needs a reason", zh: "授予 \(grave.text) 须说明理由"))
        }
        return faults
    }
}

extension Revocation {
    package var faults: [Phrase] {
        (Name.isPerson(by) ? [] : [.noPerson(by)])
            + (Name.areWords(reason, byteCountMax: Grant.reasonBytesMax)
                ? [] : [.badWords("reason", "理由", Grant.reasonBytesMax)])
    }
}

extension AccessLog {
    /// What is wrong with the unit of who grants or takes back: as in every event.
    package static func faults(ofUnit unit: String) -> [Phrase] {
        Name.areWords(unit, byteCountMax: unitBytesMax)
            ? [] : [.badWords("unit", "单位", unitBytesMax)]
    }

    private static let unitBytesMax = 255
}

extension Right {
    var isAdministration: Bool {
        if case .administer = self { true } else { false }
    }

    /// Whether no system may have it.
    fileprivate var isOfPersons: Bool {
        if case .approve = self { true } else { isAdministration }
    }
}

extension Phrase {
    fileprivate static func noPerson(_ text: String) -> Phrase {
        Phrase(
            en: "\"\(text)\" is no person's id, such as P-0132",
            zh: "“\(text)”不是有效的人员代号（如 P-0132）")
    }

    fileprivate static func badWords(_ en: String, _ zh: String, _ most: Int) -> Phrase {
        Phrase(
            en: "the \(en) is 1 to \(most) bytes of visible words",
            zh: "\(zh)须为 1 至 \(most) 字节的可见文字")
    }
}
