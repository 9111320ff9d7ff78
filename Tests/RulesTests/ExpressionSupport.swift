import CanonicalJSON
import Catalogue
import Merkle
import Records
import Rules

/// Names for tests: a judged event `case.judged` and earlier ones, `case.filed` and `case.paid-in`.
struct TestSymbols: ExpressionSymbols {
    var judged = "case.judged"

    private static let fields: [String: [String: FieldSymbol]] = [
        "case.judged": [
            "amount": FieldSymbol(.fen), "rate": FieldSymbol(.percent),
            "name": FieldSymbol(.string), "isOpen": FieldSymbol(.boolean),
            "isShut": FieldSymbol(.boolean), "isLost": FieldSymbol(.boolean),
            "due": FieldSymbol(.date), "noDate": FieldSymbol(.date),
            "moment": FieldSymbol(.instant), "colour": FieldSymbol(.enum, words: ["红", "绿"]),
            "colours": FieldSymbol(.enum, isList: true, words: ["红", "绿", "蓝"]),
            "days": FieldSymbol(.date, isList: true), "number": FieldSymbol(.docNo),
            "helper": FieldSymbol(.person), "helpers": FieldSymbol(.person, isList: true),
            "other": FieldSymbol(.reference), "parts": FieldSymbol(.record, isList: true),
            "unit": FieldSymbol(.organisation), "noText": FieldSymbol(.text),
            "noNumber": FieldSymbol(.integer), "noList": FieldSymbol(.string, isList: true),
            "secret": FieldSymbol(.string, isEncrypted: true), "count": FieldSymbol(.integer),
        ],
        "case.filed": [
            "name": FieldSymbol(.string), "amount": FieldSymbol(.fen),
            "filedOn": FieldSymbol(.date),
            "handler": FieldSymbol(.person), "number": FieldSymbol(.docNo),
            "case": FieldSymbol(.reference),
        ],
        "case.paid-in": ["amount": FieldSymbol(.fen), "names": FieldSymbol(.string, isList: true)],
        "entry.noted": ["day": FieldSymbol(.date)],
        "case.never": ["amount": FieldSymbol(.fen), "name": FieldSymbol(.string)],
    ]

    func event(_ name: String) -> String? {
        let fullName = name.contains(".") ? name : "case.\(name)"
        return TestSymbols.fields[fullName] == nil ? nil : fullName
    }

    func field(_ name: String, of event: String) -> FieldSymbol? {
        TestSymbols.fields[event]?[name]
    }

    func isRole(_ name: String) -> Bool { ["officer", "attendee", "guest"].contains(name) }
}

/// Events by type.
struct TestContext: StreamContext {
    let judged: EventFacts
    private let before: [String: [EventFacts]]

    init(judged: EventFacts, before: [EventFacts]) {
        self.judged = judged
        self.before = Dictionary(grouping: before, by: \.type)
    }

    func earlier(_ type: String) -> [EventFacts] { before[type] ?? [] }
}

func facts(_ type: String, _ date: String, _ data: JSONValue) throws -> EventFacts {
    EventFacts(
        type: type, day: try day(date), instant: Timestamp(microseconds: 0),
        sequence: SequenceNumber(0), data: data)
}

/// A case that was filed twice and paid twice.
func sampleContext() throws -> TestContext {
    let judged = try facts(
        "case.judged", "2025-03-14",
        [
            "amount": 500, "rate": .number(12.5), "name": "a", "isOpen": true, "isShut": false,
            "due": "2025-03-31", "moment": "2025-03-14T09:00:00+08:00", "colour": "红",
            "colours": ["红", "蓝"], "days": ["2025-03-01", "2025-03-31"],
            "number": "杭应急罚[2025]12号", "helper": "P-1", "helpers": ["P-1", "P-2"],
            "other": ["origin": "hz", "stream": "case/1"], "parts": [], "unit": ["name": "u"],
            "count": 7,
            "participants": [
                ["person": "P-1", "role": "officer", "opinion": "agree", "order": 1],
                ["person": "P-2", "role": "officer", "opinion": "disagree", "order": 2],
                ["person": "P-2", "role": "officer", "order": 3],
                ["person": "P-3", "role": "attendee", "opinion": "agree"],
            ],
        ])
    return TestContext(
        judged: judged,
        before: [
            try facts(
                "case.filed", "2025-01-24",
                ["name": "first", "amount": 100, "filedOn": "2025-01-23", "handler": "P-1"]),
            try facts(
                "case.filed", "2025-02-28",
                [
                    "name": "last", "amount": 200, "handler": "P-2",
                    "number": "杭应急罚〔2025〕12号", "case": "case/1",
                ]),
            try facts("case.paid-in", "2025-03-01", ["amount": 300, "names": []]),
            try facts("case.paid-in", "2025-03-02", ["names": ["x"]]),
            try facts("case.paid-in", "2025-03-03", ["amount": 50]),
        ])
}

func truth(_ text: String, in context: TestContext) throws -> Truth {
    let expression = try Expression(text, symbols: TestSymbols())
    return expression.truth(in: context, calendar: try Embedded.calendar.get())
}
