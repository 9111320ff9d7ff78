import CanonicalJSON

/// One event of a story, in few words.
struct StoryStep: Sendable {
    /// Somebody in a role, by his key in the cast.
    struct Part: Sendable {
        let who: String
        let role: String
        var opinion: String?
        var order: Int64?

        /// Whoever decides signs; officers confirm in their own accounts.
        var grade: String {
            if opinion != nil || ["signatory", "approver", "reviewer"].contains(role) {
                return "signed"
            }
            return role == "officer" ? "confirmed" : "asserted"
        }
    }

    /// The key of the case.
    let place: String
    let day: String
    let hour: Int
    let type: String
    /// Who enters it, by his key in the cast.
    let by: String
    var fields: [(String, JSONValue)] = []
    var parts: [Part] = []
    /// What others name it by.
    var key: String?
    /// Keys of the events that led to it.
    var causes: [String] = []
    /// Keys of the records that it is about.
    var targets: [String] = []
    /// The day on which it was entered, if that was much later.
    var entered: String?
    /// Of a correction: who took part as it is said now.
    var corrected: [Part] = []

    init(
        _ place: String, _ day: String, _ hour: Int, _ type: String, by: String,
        _ fields: [(String, JSONValue)] = [], parts: [Part] = [], key: String? = nil,
        causes: [String] = [], targets: [String] = [], entered: String? = nil,
        corrected: [Part] = []
    ) {
        (self.place, self.day, self.hour, self.type, self.by) = (place, day, hour, type, by)
        (self.fields, self.parts, self.key) = (fields, parts, key)
        (self.causes, self.targets, self.entered) = (causes, targets, entered)
        self.corrected = corrected
    }

    static func part(
        _ who: String, _ role: String, _ opinion: String? = nil, order: Int64? = nil
    ) -> Part {
        Part(who: who, role: role, opinion: opinion, order: order)
    }

    /// The stream of a case, filled in when it is written.
    static func stream(_ place: String) -> JSONValue { .string("stream:\(place)") }
    /// Somebody's id.
    static func person(_ who: String) -> JSONValue { .string("person:\(who)") }
}

/// Who plays in the story, and in which posts.
struct StoryCast: Sendable {
    let seed: UInt64
    /// The code of the enterprise.
    let code: String

    init(seed: UInt64) {
        self.seed = seed
        code = CreditCodeText.made("330109", Mixing.mixed(seed ^ 0x6163_6369))
    }

    static let firm = "虚构样例云岭化工有限公司"
    static let bureau = "虚构样例市应急管理局"

    /// Another enterprise, which has nothing to do with it.
    var otherCode: String { CreditCodeText.made("330109", Mixing.mixed(seed ^ 0x6f74_6865)) }

    /// By key: the number in the id, the unit, and the posts from their days on.
    private static let people: [String: (Int, String, [(from: String, post: String)])] = [
        "head": (1, "局领导", [("2019-05-01", "局长")]),
        "deputy": (
            2, "局领导", [("2019-05-01", "副局长"), ("2023-07-01", "二级巡视员")]
        ),
        "successor": (9, "局领导", [("2019-05-01", "执法队队长"), ("2023-07-01", "副局长")]),
        "lawyer": (3, "政策法规处", [("2019-05-01", "处长")]),
        "officer": (4, "综合行政执法队", [("2019-05-01", "执法队员")]),
        "officer2": (5, "综合行政执法队", [("2019-05-01", "执法队员")]),
        "window": (6, "行政审批处", [("2019-05-01", "主办科员")]),
        "clerk": (7, "综合行政执法队", [("2019-05-01", "内勤")]),
        "hotline": (8, "12350 受理中心", [("2019-05-01", "受理员")]),
        "keeper": (10, "机要室", [("2019-05-01", "身份保管员")]),
        "personnel": (11, "人事教育处", [("2019-05-01", "科员")]),
        "dutyOfficer": (12, "应急值班室", [("2019-05-01", "值班长")]),
        "investigator": (21, "派驻纪检监察组", [("2019-05-01", "副组长")]),
        "investigator2": (22, "派驻纪检监察组", [("2019-05-01", "纪检员")]),
        "leader": (31, "市政府", [("2019-05-01", "副秘书长")]),
    ]

    func id(_ who: String) -> String {
        let number = StoryCast.people[who]?.0 ?? 99
        return "P-\(7_000 + Int(seed % 20) * 100 + number)"
    }

    func unit(_ who: String) -> String { StoryCast.people[who]?.1 ?? StoryCast.bureau }

    func post(_ who: String, on day: String) -> String? {
        StoryCast.people[who]?.2.last { $0.from <= day }?.post
    }

    /// Who comes to which post when: those whose posts the story asks for.
    static let posts: [StoryStep] =
        ["head", "deputy", "successor", "lawyer", "officer"].flatMap { posts(of: $0) }
        + certificates

    private static func posts(of who: String) -> [StoryStep] {
        guard let (_, unit, spans) = people[who] else { return [] }
        let place = "P:\(who)"
        var steps = [
            StoryStep(
                place, "2019-05-01", 9, "person.registered", by: "personnel",
                [("person", StoryStep.person(who))])
        ]
        for (number, span) in spans.enumerated() {
            if number > 0 {
                steps.append(
                    StoryStep(
                        place, span.from, 9, "person.post-left", by: "personnel",
                        [("post", .string(spans[number - 1].post)), ("leftOn", .string(span.from))]
                    ))
            }
            steps.append(
                StoryStep(
                    place, span.from, 10, "person.post-assumed", by: "personnel",
                    [
                        ("unit", ["name": .string(unit)]), ("post", .string(span.post)),
                        ("startsOn", .string(span.from)),
                    ]))
        }
        return steps
    }

    private static let certificates = ["officer", "officer2", "successor"].flatMap { who in
        [
            StoryStep(
                "OF:\(who)", "2019-05-06", 9, "officer.registered", by: "personnel",
                [("person", StoryStep.person(who))]),
            StoryStep(
                "OF:\(who)", "2019-05-06", 10, "officer.certificate-issued", by: "personnel",
                [
                    ("issuedOn", "2019-05-06"),
                    // One certificate runs out before the second inspection.
                    ("validUntil", who == "officer2" ? "2023-05-05" : "2026-05-05"),
                ]),
        ]
    }
}
