import CanonicalJSON
import Catalogue
import Exports
import Foundation
import LedgerData
import Phrases
import Projections
import Records
import Rules
import Testing

/// Keeps what is written.
final class MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []
    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(_ bytes: [UInt8]) throws(ExportError) { self.bytes += bytes }
}

/// The shipped sample's cases as a ledger would give them, and cases made by hand.
enum Sample {
    static let catalogue = Result { try EventCatalogue(files: LedgerData.catalogueFiles) }

    static let root = String(repeating: "ab", count: 32)

    static func source(_ language: Language = .english) throws -> ExportSource {
        ExportSource(
            origin: "sample.example", size: 100, root: root,
            asOf: Timestamp(microseconds: 1_750_000_000_000_000), catalogue: try catalogue.get(),
            clock: .beijing, language: language)
    }

    static func cases() throws -> [ExportedCase] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Ledger/samples/sample.ndjson")
        let events = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONValue(parsing: $0.utf8)
        }
        var streams: [String] = []
        for event in events {
            let name = try #require(event["subject"]?.string)
            if !streams.contains(name) { streams.append(name) }
        }
        var next = 2
        return try streams.map { stream in
            let own = events.filter { $0["subject"]?.string == stream }
            defer { next += own.count }
            return try exported(stream, own, from: next)
        }
    }

    static func exported(
        _ stream: String, _ events: [JSONValue], from first: Int = 2
    ) throws -> ExportedCase {
        let catalogue = try catalogue.get()
        let lines = events.enumerated().map { line($1, first + $0, revision: $0) }
        return ExportedCase(
            CaseRecords(stream: stream, lines: lines, clock: .beijing), effect: { _ in catalogue },
            clock: .beijing)
    }

    static func line(_ event: JSONValue, _ sequence: Int, revision: Int) -> [UInt8] {
        let record: JSONValue = [
            "chain": [
                "prev": .string(String(repeating: "0", count: 64)),
                "recorded": "2025-06-30T01:02:03.000004Z", "salt": "AAAAAAAAAAAAAAAAAAAAAA",
                "seq": .integer(Int64(sequence)), "v": 1,
            ],
            "event": event,
            "intake": ["recorder": "svc:test", "revision": .integer(Int64(revision))],
        ]
        return record.canonicalBytes
    }

    static func event(
        _ type: String, _ stream: String, day: Int = 1, _ data: [(String, JSONValue)] = []
    ) -> JSONValue {
        let person: JSONValue = ["person": "P-1", "unit": "虚构单位"]
        return [
            "specversion": "1.0", "id": .string("\(type)-\(day)"), "source": "https://a.example",
            "type": .string(type), "subject": .string(stream),
            "time": .string("2025-03-0\(day)T09:30:00+08:00"),
            "data": .object(
                [JSONMember("operator", person)] + data.map { JSONMember($0.0, $0.1) }),
        ]
    }

    /// A case whose first entry was corrected and whose second one was withdrawn.
    static func mended(_ text: String = "旧") throws -> ExportedCase {
        let stream = "penalty/PN-1"
        func target(_ sequence: Int64, _ reason: JSONValue) -> JSONValue {
            ["seq": .integer(sequence), "leafHash": .string(root), "reason": reason]
        }
        return try exported(
            stream,
            [
                event("penalty.clue-registered", stream, day: 1, [("summary", .string(text))]),
                event("penalty.filed", stream, day: 2),
                event(
                    "entry.corrected", stream, day: 3,
                    [
                        ("corrects", target(2, "misrecorded")), ("approver", "P-2"),
                        ("corrected", ["summary": "新的"]),
                    ]),
                event(
                    "entry.withdrawn", stream, day: 4,
                    [("withdraws", target(3, "did-not-happen")), ("approver", "P-2")]),
            ])
    }
}

/// Runs an export over cases, as often as it asks for them.
func run(_ export: any CaseExport, _ cases: [ExportedCase]) throws {
    for pass in 0..<export.passCount {
        try export.begin(pass)
        for file in cases { try export.take(file, pass) }
        try export.end(pass)
    }
}

/// Texts that formats stumble over.
let awkwardTexts = [
    "", " ", "=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "\r\n=1", "＝1", "＋", "－", "＠",
    "'", "''", "'=", "a,b", "a\"b", "\"", "\"\"", "a\nb", "a\r\nb", "a\rb", "<a & 'b' \"c\">",
    "]]>", "&amp;", "_x0041_", "_x005F_", "汉字，“引号”", "𠮷", "e\u{301}", "=\u{301}1", "\u{2028}",
    "91330109MA27A1B2C7", "0123456789012345678",
]
