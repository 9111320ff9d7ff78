import CanonicalJSON
import Catalogue
import Foundation
import LedgerData
import Merkle
import Records
import Rules
import Testing

/// A catalogue with one procedure whose rules and duties each test writes, and its neighbour.
enum Bureau {
    static func catalogue(
        rules: String = "", duties: String = "", disclosures: String = "", lateEntry: String = "",
        indicators: String? = nil
    ) throws -> EventCatalogue {
        var files = common
        files["catalogue.yaml"]?.append(lateEntry)
        files["procedures/case.yaml"] =
            procedure + list("rules", rules) + list("duties", duties)
            + list("disclosures", disclosures)
        files["indicators.yaml"] = indicators
        return try EventCatalogue(files: files.mapValues { Array($0.utf8) })
    }

    static func book(
        rules: String = "", duties: String = "", disclosures: String = "", lateEntry: String = "",
        indicators: String? = nil
    ) throws -> RuleBook {
        try RuleBook(
            catalogue(
                rules: rules, duties: duties, disclosures: disclosures, lateEntry: lateEntry,
                indicators: indicators), calendar: Embedded.calendar.get())
    }

    private static func list(_ key: String, _ items: String) -> String {
        let lines = items.split(separator: "\n")
        guard !lines.isEmpty else { return "" }
        return "\(key):\n" + lines.map { "  - {\($0), basis: [law], verified: full}\n" }.joined()
    }

    private static let common: [String: String] = [
        "catalogue.yaml": """
        catalogue:
          id: bureau
          version: "1"
          zh: 目录
          en: Catalogue
          timeZone: Asia/Shanghai

        """,
        "laws.yaml": """
        laws:
          - {id: law, zh: 新法, en: New law, from: 2021-07-15, verified: full}
          - {id: old-law, zh: 旧法, en: Old law, from: 2018-01-01, to: 2021-07-14, verified: full}
        """,
        "roles.yaml": """
        roles:
          - {id: officer, kind: office, zh: 执法人员, en: Officer}
          - {id: reviewer, kind: office, zh: 审核人, en: Reviewer}
          - {id: party, kind: outside, zh: 当事人, en: Party}
        """,
        "plan.yaml": "measures: []\n",
        "enumerations.yaml": "enumerations: []\nregions: []\n",
        "common.yaml": """
        events:
          - event: entry.corrected
            zh: 更正
            en: Corrected
            needs: [corrects]
            fields:
              - {name: corrected, type: record, required: true, zh: 内容, en: Data}
          - event: entry.withdrawn
            zh: 撤回
            en: Withdrawn
            needs: [withdraws]
          - event: finding.explained
            zh: 说明
            en: Explained
            fields:
              - {name: finding, type: string, required: true, zh: 编号, en: Id}
          - event: finding.dismissed
            zh: 排除
            en: Dismissed
            fields:
              - {name: finding, type: string, required: true, zh: 编号, en: Id}
        ledger:
          - {type: ledger.created, zh: 账本建立, en: Ledger created}
        """,
        "registers.yaml": """
        registers:
          - id: certificate
            zh: 执法证
            en: Certificate
            holder: {event: card.registered, field: person}
            begins: [card.issued]
            toField: validUntil
            ends: [card.revoked]
        """,
        "procedures/card.yaml": """
        procedure: card
        zh: 证件
        en: Card
        plan: []
        caseId: "C-{n}"
        owner: officer
        stages: []
        events:
          - event: registered
            zh: 登记
            en: Registered
            by: [officer]
            fields:
              - {name: person, type: person, zh: 人员, en: Person}
          - event: issued
            zh: 发证
            en: Issued
            by: [officer]
            fields:
              - {name: validUntil, type: date, zh: 有效期, en: Valid until}
          - {event: revoked, zh: 收回, en: Revoked, by: [officer]}
          - event: pushed
            zh: 推送
            en: Pushed
            by: [officer]
            fields:
              - {name: case, type: reference, zh: 案件, en: Case}
          - event: started
            zh: 启用
            en: Started
            by: [officer]
            startsYearly: year
            fields:
              - {name: year, type: integer, zh: 年度, en: Year}
        """,
    ]

    private static let procedure = """
        procedure: case
        zh: 案件
        en: Case
        plan: []
        caseId: "K-{n}"
        owner: officer
        stages: []
        events:
          - event: filed
            zh: 立案
            en: Filed
            by: [officer]
            fields:
              - {name: filedOn, type: date, zh: 立案日, en: Filed on}
              - {name: amount, type: fen, zh: 金额, en: Amount}
              - {name: needsHearing, type: boolean, zh: 听证, en: Hearing}
              - {name: due, type: date, zh: 期限, en: Due}
          - event: noticed
            zh: 告知
            en: Noticed
            by: [officer]
            fields:
              - {name: number, type: docNo, zh: 文号, en: Number}
          - {event: suspended, zh: 中止, en: Suspended, by: [officer]}
          - event: appraised
            zh: 鉴定
            en: Appraised
            by: [officer]
            fields:
              - {name: from, type: date, zh: 起, en: From}
              - {name: to, type: date, zh: 止, en: To}
              - {name: days, type: integer, zh: 日数, en: Days}
          - {event: resumed, zh: 恢复, en: Resumed, by: [officer]}
          - event: extended
            zh: 延期
            en: Extended
            by: [officer]
            fields:
              - {name: newDue, type: date, zh: 新期限, en: New due day}
          - event: heard
            zh: 听证
            en: Heard
            by: [officer]
            fields:
              - {name: numbers, type: docNo, list: true, zh: 文号, en: Numbers}
          - event: decided
            zh: 决定
            en: Decided
            by: [officer]
            fields:
              - {name: amount, type: fen, zh: 金额, en: Amount}
              - {name: kind, type: string, zh: 种类, en: Kind}
          - {event: served, zh: 送达, en: Served, by: [officer], formerly: [handed-over]}
          - event: merged
            zh: 并案
            en: Merged
            by: [officer]
            ends: true
            continuedIn: into
            fields:
              - {name: into, type: reference, zh: 主案, en: Into}
          - event: divided
            zh: 分案
            en: Divided
            by: [officer]
            ends: true
            continuedIn: parts
            fields:
              - {name: parts, type: reference, list: true, zh: 分案, en: Parts}
          - event: divided-off
            zh: 由分案形成
            en: Divided off
            by: [officer]
            continues: from
            fields:
              - {name: from, type: reference, zh: 原案, en: From}
          - {event: closed, zh: 结案, en: Closed, by: [officer], ends: true}
          - {event: appealed, zh: 申诉, en: Appealed, by: [party], received: true}

        """
}

/// One event of a case, as a test writes it.
struct Act {
    var type: String
    /// `2025-03-04` is known by day alone; `2025-03-04 09:30` to the minute, in Beijing.
    var time: String
    var data: [JSONMember] = []
    var persons: [(String, String)] = []
    var isAsserted = false
    var operatorPerson = "P-9"
    var recorded: String?
    var correlation: String?

    init(_ type: String, _ time: String, _ data: [JSONMember] = []) {
        (self.type, self.time, self.data) = (type, time, data)
    }

    func by(_ role: String, _ persons: String...) -> Act {
        var act = self
        act.persons += persons.map { ($0, role) }
        return act
    }

    func asserted() -> Act {
        var act = self
        act.isAsserted = true
        return act
    }

    func entered(by person: String) -> Act {
        var act = self
        act.operatorPerson = person
        return act
    }

    /// Recorded at the end of that day in Beijing.
    func recorded(on day: String) -> Act {
        var act = self
        act.recorded = day + "T15:00:00.000000Z"
        return act
    }

    func inBatch(_ batch: String) -> Act {
        var act = self
        act.correlation = batch
        return act
    }

    func line(_ sequence: Int, stream: String) -> [UInt8] {
        let isDayOnly = time.count == 10
        let full =
            isDayOnly ? "\(time)T00:00:00+08:00" : time.replacing(" ", with: "T") + ":00+08:00"
        var data = data
        data.append(JSONMember("operator", ["person": .string(operatorPerson), "unit": "U"]))
        if !persons.isEmpty {
            data.append(
                JSONMember(
                    "participants",
                    .array(
                        persons.map { person, role in
                            ["person": .string(person), "role": .string(role)]
                        })))
        }
        var event: [JSONMember] = [
            JSONMember("type", .string(type.contains(".") ? type : "case.\(type)")),
            JSONMember("time", .string(full)), JSONMember("subject", .string(stream)),
            JSONMember("data", .object(data)),
        ]
        if isDayOnly { event.append(JSONMember("precision", "day")) }
        if isAsserted { event.append(JSONMember("asserted", true)) }
        if let correlation { event.append(JSONMember("correlationid", .string(correlation))) }
        let when = recorded ?? "2026-01-01T00:00:00.000000Z"
        let record: JSONValue = [
            "chain": ["seq": .integer(Int64(sequence)), "recorded": .string(when)],
            "event": .object(event),
            "intake": ["recorder": .string(correlation == nil ? "cli:test" : "import:test")],
        ]
        return record.canonicalBytes
    }
}

/// The history of acts that were recorded in this order.
func history(_ acts: [Act], stream: String = "case/K-1", from first: Int = 0) -> CaseHistory {
    let lines = acts.enumerated().map { $1.line(first + $0, stream: stream) }
    return CaseHistory(stream: stream, lines: lines, clock: .beijing)
}

func findings(
    _ acts: [Act], _ book: RuleBook, registers: RegisterFold = RegisterFold(),
    now: String = "2027-12-31"
) throws -> [String] {
    let moment = try moment(now)
    return CaseJudgement(history(acts), book, registers: registers, now: moment).findings
        .map(\.id)
}

/// The end of a day in Beijing.
func moment(_ day: String) throws -> Timestamp {
    try #require(Timestamp(fixed: day + "T15:59:59.000000Z"))
}

/// The state of the only duty of the acts.
func state(
    _ acts: [Act], _ book: RuleBook, now: String
) throws -> (DutyStanding.State, due: String?) {
    let standings = CaseJudgement(
        history(acts), book, registers: RegisterFold(), now: try moment(now)
    ).standings
    let only = try #require(standings.first)
    #expect(standings.count == 1)
    return (only.state, only.dueDay.map { CivilDate(dayNumber: $0).text })
}
