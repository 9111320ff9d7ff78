import CanonicalJSON
import Catalogue
import LedgerData
import Records
import Testing

/// The catalogue that is embedded in the program.
enum Shipped {
    static let catalogue = Result { try EventCatalogue(files: LedgerData.catalogueFiles) }
}

/// A catalogue with one procedure and one field of every type, for tests that change it.
enum Small {
    static let files: [String: String] = [
        "catalogue.yaml": """
        catalogue:
          id: small
          version: "1"
          zh: 小目录
          en: Small catalogue
          timeZone: Asia/Shanghai
        """,
        "laws.yaml": """
        laws:
          - id: law
            zh: 法
            en: Law
            from: 2021-07-15
            verified: full
        """,
        "roles.yaml": """
        roles:
          - {id: officer, kind: office, zh: 执法人员, en: Officer}
          - {id: attendee, kind: act, zh: 出席, en: Attendee}
        """,
        "plan.yaml": """
        measures:
          - {id: "5.1", label: 四（五）1, zh: 执法规范化, en: Regular enforcement}
        """,
        "enumerations.yaml": """
        enumerations:
          - {id: colour, zh: 颜色, en: Colour, values: [红, 绿]}
        regions:
          - {code: "330105", zh: 拱墅区}
          - {code: "330104", zh: 江干区, to: 2021-04-30, note: 已撤销}
        """,
        "common.yaml": """
        events:
          - event: entry.withdrawn
            zh: 撤回记载
            en: Entry withdrawn
            needs: [withdraws]
            fields:
              - {name: approver, type: person, required: true, notOperator: true, zh: 复核人, \
            en: Second}
        ledger:
          - {type: ledger.created, zh: 账本建立, en: Ledger created}
        """,
        "procedures/thing.yaml": procedure,
    ]

    static let procedure = """
        procedure: thing
        zh: 事项
        en: Thing
        plan: ["5.1"]
        caseId: "TH-{year}-{n}"
        owner: officer
        stages:
          - {id: first, zh: 一, en: First}
        events:
          - event: opened
            zh: 开始
            en: Opened
            by: [officer]
            stage: first
            caseTitle: [name]
            fields:
              - {name: name, type: string, maxBytes: 30, zh: 名称, en: Name}
              - {name: story, type: text, zh: 经过, en: Story}
              - {name: count, type: integer, min: 1, max: 5, zh: 数量, en: Count}
              - {name: money, type: fen, zh: 金额, en: Money}
              - {name: share, type: percent, zh: 比例, en: Share}
              - {name: done, type: boolean, zh: 完成, en: Done}
              - {name: day, type: date, zh: 日期, en: Day}
              - {name: moment, type: instant, zh: 时间, en: Moment}
              - {name: colour, type: enum, values: colour, zh: 颜色, en: Colour}
              - {name: colours, type: enum, values: colour, list: true, maxItems: 2, zh: 颜色, \
        en: Colours}
              - {name: docNo, type: docNo, alias: true, zh: 文号, en: Document number}
              - {name: uscc, type: uscc, party: true, zh: 信用代码, en: Credit code}
              - {name: identity, type: residentId, zh: 身份号码, en: Identity number}
              - {name: badge, type: certificate, zh: 证号, en: Certificate}
              - {name: region, type: region, zh: 属地, en: Region}
              - {name: digest, type: digest, zh: 摘要, en: Digest}
              - {name: file, type: attachment, zh: 文件, en: File}
              - {name: url, type: uri, zh: 网址, en: Address}
              - {name: helper, type: person, zh: 协助人, en: Helper}
              - {name: unit, type: organisation, zh: 单位, en: Unit}
              - {name: other, type: reference, procedure: thing, zh: 关联, en: Other}
              - {name: any, type: reference, zh: 关联, en: Any}
              - {name: case, type: caseId, zh: 编号, en: Case}
              - {name: free, type: record, maxBytes: 20, zh: 其他, en: Free}
              - name: parts
                type: record
                list: true
                zh: 分期
                en: Parts
                members:
                  - {name: due, type: date, required: true, zh: 期限, en: Due}
              - {name: secret, type: string, class: sealed, zh: 密, en: Secret}
          - event: judged
            zh: 讨论
            en: Judged
            by: [officer]
            ends: true
            fields:
              - {name: result, type: string, required: true, zh: 结论, en: Result}
            participants:
              - {role: officer, min: 2}
              - {role: attendee, min: 0, opinion: true}
        rules:
          - {id: R1, event: judged, requires: [opened], level: refuse, quote: 不得, \
        basis: [law 4(1)], verified: full}
          - {id: R2, event: judged, check: 'count(opened) == 1', level: flag, basis: [law], \
        verified: design}
        duties:
          - {id: D1, from: opened, to: [judged], atMost: 7, unit: workday, clockField: day, \
        basis: [law 5], verified: full}
        disclosures:
          - {id: P1, event: judged, atMost: 20, unit: workday, channel: 网站, publish: 全文, \
        basis: [law], verified: full}
        """

    static func bytes(_ files: [String: String]) -> [String: [UInt8]] {
        files.mapValues { Array($0.utf8) }
    }

    static func load(_ files: [String: String] = files) throws(CatalogueErrors) -> EventCatalogue {
        try EventCatalogue(files: bytes(files))
    }
}

/// The refusals of one event's data, given as JSON text.
func refusals(
    of data: String, _ typeName: String, in catalogue: EventCatalogue,
    on day: CivilDate? = CivilDate(year: 2025, month: 3, day: 4)
) throws -> [Refusal] {
    let type = try #require(catalogue.eventType(typeName))
    let bytes = Array(data.utf8)
    let reader = JSONReader()
    return try bytes.withUnsafeBytes { raw in
        EventValidator(catalogue).refusals(of: try reader.read(raw), type: type, on: day)
    }
}
