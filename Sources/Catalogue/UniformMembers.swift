import Phrases

/// The members of `data` that all types share, as fields: Specs/record.md section 3.
struct UniformMembers: Sendable {
    let organisation: MemberPlan
    let target: MemberPlan
    let reference: MemberPlan
    private let fields: [UniformMember: Field]

    static let evidence = ["signed", "confirmed", "documented", "asserted"]
    static let opinions = [
        "agree", "disagree", "reserve", "abstain", "recused", "not-stated", "not-recorded",
    ]
    static let mendingReasons = ["misrecorded", "duplicate", "wrong-case", "did-not-happen"]

    init(roles: [String]) {
        organisation = MemberPlan(
            [
                Field.text("name", "Name", "名称", 600, isRequired: true),
                Field.plain("uscc", "Unified social credit code", "统一社会信用代码", .uscc),
            ], uniform: nil)
        target = MemberPlan(UniformMembers.targetFields, uniform: nil)
        reference = MemberPlan(
            [
                Field.text("origin", "Origin of the ledger", "账本标识", 255, isRequired: true),
                Field.text("stream", "Stream", "流", 160, isRequired: true),
            ], uniform: nil)
        fields = UniformMembers.fields(roles)
    }

    subscript(_ member: UniformMember) -> Field {
        fields[member] ?? Field(member.rawValue, Phrase(en: "", zh: ""), .record)
    }

    private static func fields(_ roles: [String]) -> [UniformMember: Field] {
        [
            .operator: Field.record(
                "operator", "Operator", "经办人", isRequired: true,
                [
                    Field.plain("person", "Person", "人员", .person, isRequired: true),
                    Field.text("unit", "Unit", "单位", 255, isRequired: true),
                    Field.text("post", "Post", "职务", 255),
                ]),
            .participants: Field.record(
                "participants", "Participants", "参与人", itemsMax: 256, participant(roles)),
            .legalBasis: Field.record(
                "legalBasis", "Legal basis", "法律依据", itemsMax: 64,
                [
                    Field.text("law", "Law", "法律", 255, isRequired: true),
                    Field.text("article", "Article", "条", 60, isRequired: true),
                    Field.text("paragraph", "Paragraph", "款", 60),
                    Field.text("item", "Item", "项", 60),
                    Field.text("edition", "Edition", "版本", 60),
                ]),
            .attachments: Field.record(
                "attachments", "Attachments", "附件", itemsMax: 128,
                [
                    Field.text("name", "Name", "名称", 255, isRequired: true),
                    Field.text("mediaType", "Media type", "介质类型", 127, isRequired: true),
                    Field.number("bytes", "Size in bytes", "字节数", from: 0, isRequired: true),
                    Field.plain("sha256", "Digest", "摘要", .digest, isRequired: true),
                    Field.words(
                        "held", "Held by", "保存处", ["ledger", "producer"], isRequired: true),
                ]),
            .causes: Field.record(
                "causes", "Causes", "前因", itemsMax: 64,
                [
                    Field.number("seq", "Sequence number", "序号", from: 0),
                    Field.plain("leafHash", "Leaf hash", "叶哈希", .digest),
                    Field.text("source", "Source", "来源", 255),
                    Field.text("id", "Event id", "事件编号", 255),
                ]),
            .assertion: Field.record(
                "assertion", "Assertion", "补报说明",
                [
                    Field.plain(
                        "person", "Person who answers for it", "责任人", .person, isRequired: true),
                    Field.text("reason", "Reason", "理由", 2_000, isRequired: true),
                ]),
            .corrects: mending("corrects", "What it corrects", "所更正的记录"),
            .withdraws: mending("withdraws", "What it withdraws", "所撤回的记录"),
        ]
    }

    fileprivate static func participant(_ roles: [String]) -> [Field] {
        [
            Field.plain("person", "Person", "人员", .person, isRequired: true),
            Field.words("role", "Role", "角色", roles, isRequired: true),
            Field.text("unit", "Unit", "单位", 255, isRequired: true),
            Field.text("post", "Post", "职务", 255),
            Field.words("opinion", "Opinion", "意见", opinions),
            Field.number("order", "Order of speaking", "发言顺序", from: 1),
            Field.words(
                "evidence", "Grade of evidence", "佐证等级", evidence, isRequired: true),
            Field.plain("attachment", "Attachment", "附件摘要", .attachment),
            Field.text("note", "Note", "说明", 2_000),
        ]
    }

    private static func mending(_ name: String, _ en: String, _ zh: String) -> Field {
        Field.record(
            name, en, zh,
            targetFields + [Field.words("reason", "Reason", "情形", mendingReasons, isRequired: true)]
        )
    }

    private static let targetFields = [
        Field.number("seq", "Sequence number", "序号", from: 0, isRequired: true),
        Field.plain("leafHash", "Leaf hash", "叶哈希", .digest, isRequired: true),
    ]
}

extension UniformMember {
    /// Only the types that mend an entry have it.
    var mends: Bool { self == .corrects || self == .withdraws }

    /// What is said of each participant; the words of `role` are the catalogue's roles.
    package static let participantFields: [Field] = UniformMembers.participant([])
}

extension Field {
    fileprivate static func plain(
        _ name: String, _ en: String, _ zh: String, _ type: FieldType, isRequired: Bool = false
    ) -> Field {
        var field = Field(name, Phrase(en: en, zh: zh), type)
        field.isRequired = isRequired
        return field
    }

    fileprivate static func text(
        _ name: String, _ en: String, _ zh: String, _ bytesMax: Int, isRequired: Bool = false
    ) -> Field {
        var field = plain(name, en, zh, .string, isRequired: isRequired)
        field.bytesMax = bytesMax
        return field
    }

    fileprivate static func words(
        _ name: String, _ en: String, _ zh: String, _ values: [String], isRequired: Bool = false
    ) -> Field {
        var field = plain(name, en, zh, .enum, isRequired: isRequired)
        field.values = values
        return field
    }

    fileprivate static func number(
        _ name: String, _ en: String, _ zh: String, from minimum: Int64, isRequired: Bool = false
    ) -> Field {
        var field = plain(name, en, zh, .integer, isRequired: isRequired)
        field.minimum = minimum
        return field
    }

    /// A record, or a list of records if `itemsMax` is given.
    fileprivate static func record(
        _ name: String, _ en: String, _ zh: String, isRequired: Bool = false, itemsMax: Int = 0,
        _ members: [Field]
    ) -> Field {
        var field = plain(name, en, zh, .record, isRequired: isRequired)
        field.isList = itemsMax > 0
        field.itemsMax = itemsMax
        field.bytesMax = 65_535
        field.members = members
        return field
    }
}
