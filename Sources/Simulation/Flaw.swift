/// What can be wrong with an event by itself, and how it must be refused.
enum Flaw: Sendable, Hashable, CaseIterable {
    case fieldMissing, valueWrong, memberUnknown, operatorMissing
    case attributeUnknown, idMissing, timeWrong, revisionWrong, versionWrong
    case typeUnknown, typeReserved, procedureOther
    case attachmentNotHeld, tooLarge, torn, memberTwice

    /// Puts the flaw into the members of an event.
    func spoil(_ members: inout [Draft.Member], _ draft: Draft) {
        func set(_ name: String, _ value: String?) {
            members.removeAll { $0.name == name }
            if let value { members.append(Draft.Member(name: name, value: value)) }
        }
        switch self {
        case .fieldMissing, .valueWrong, .memberUnknown, .operatorMissing, .attachmentNotHeld,
            .tooLarge:
            set("data", Draft.object(spoiled(draft)))
        case .attributeUnknown: set("extra", "1")
        case .idMissing: set("id", nil)
        case .timeWrong: set("time", "\"2025-02-30T00:00:00Z\"")
        case .revisionWrong: set("expectedrevision", "-2")
        case .versionWrong: set("specversion", "\"0.3\"")
        case .typeUnknown: set("type", "\"report.unheard\"")
        case .typeReserved: set("type", "\"ledger.created\"")
        case .procedureOther: set("subject", "\"\(otherProcedure(draft))/X-1\"")
        case .memberTwice: members.append(Draft.Member(name: "type", value: "\"a.b\""))
        case .torn: break
        }
    }

    private func spoiled(_ draft: Draft) -> [Draft.Member] {
        var data = draft.data
        let field = data.firstIndex { $0.name == EventKind.firstField(of: draft.type) } ?? 0
        switch self {
        case .fieldMissing: data.remove(at: field)
        case .valueWrong: data[field].value = "[7]"
        case .memberUnknown: data.append(Draft.Member(name: "虚构", value: "null"))
        case .operatorMissing: data.removeAll { $0.name == "operator" }
        case .attachmentNotHeld:
            let attachment = Flaw.attachment(name: "虚构.pdf", held: "ledger")
            data.append(Draft.Member(name: "attachments", value: "[\(attachment)]"))
        case .tooLarge:
            let long = String(repeating: "长", count: 85)
            let attachment = Flaw.attachment(name: long, held: "producer")
            let list = Array(repeating: attachment, count: 128).joined(separator: ",")
            data.append(Draft.Member(name: "attachments", value: "[\(list)]"))
            let basis = "{\"article\":\"1\",\"law\":\"\(long)\"}"
            let laws = Array(repeating: basis, count: 64).joined(separator: ",")
            data.append(Draft.Member(name: "legalBasis", value: "[\(laws)]"))
        default: break
        }
        return data
    }

    private static func attachment(name: String, held: String) -> String {
        let digest = String(repeating: "5a", count: 32)
        return "{\"bytes\":1,\"held\":\"\(held)\",\"mediaType\":\"application/pdf\","
            + "\"name\":\"\(name)\",\"sha256\":\"\(digest)\"}"
    }

    private func otherProcedure(_ draft: Draft) -> String {
        draft.stream.hasPrefix("report/") ? "decision" : "report"
    }

    /// The refusal's code and place.
    func refusal(of draft: Draft) -> String {
        let field = EventKind.firstField(of: draft.type)
        return switch self {
        case .fieldMissing: "missing /data/\(field)"
        case .valueWrong: "invalid /data/\(field)"
        case .memberUnknown: "unknown-member /data/虚构"
        case .operatorMissing: "missing /data/operator"
        case .attributeUnknown: "unknown-member /extra"
        case .idMissing: "missing /id"
        case .timeWrong: "invalid /time"
        case .revisionWrong: "invalid /expectedrevision"
        case .versionWrong: "invalid /specversion"
        case .typeUnknown: "unknown-type /type"
        case .typeReserved: "reserved-type /type"
        case .procedureOther: "invalid /subject"
        case .attachmentNotHeld: "missing-attachment /data/attachments/0"
        case .tooLarge: "too-large "
        case .torn, .memberTwice: "malformed "
        }
    }

    /// Whether the time is still judged: other flaws end the reading before.
    var letsTimeBeJudged: Bool {
        switch self {
        case .fieldMissing, .valueWrong, .memberUnknown, .operatorMissing, .procedureOther,
            .attachmentNotHeld, .tooLarge:
            true
        default: false
        }
    }
}

/// The event types that the simulation uses, of the shipped catalogue, and the fields they demand.
struct EventKind: Sendable {
    let type: String
    let fields: [Field]

    enum Field: Sendable {
        case text(String), boolean(String), date(String)
        case word(String, [String])

        var name: String {
            switch self {
            case .text(let name), .boolean(let name), .date(let name), .word(let name, _): name
            }
        }
    }

    static let report = [
        EventKind(
            type: "report.rectification-supervised", fields: [.text("measures"), .boolean("done")]),
        EventKind(
            type: "report.not-accepted",
            fields: [.word("ground", ["不属职责", "重复举报", "其他"]), .boolean("reporterTold")]),
        EventKind(type: "report.review-requested", fields: [.date("requestedOn")]),
    ]
    static let decision = [EventKind(type: "decision.rejected", fields: [.text("reason")])]

    static func of(_ type: String) -> EventKind? {
        (report + decision).first { $0.type == type }
    }

    /// The members of `data` that a correction of an event of this type must give.
    static func required(of type: String) -> [String] {
        of(type)?.fields.map(\.name) ?? ["statement", "target"]
    }

    /// A member that events of this type must have.
    static func firstField(of type: String) -> String {
        of(type)?.fields.first?.name ?? (type == "participant.disputed" ? "statement" : "approver")
    }
}
