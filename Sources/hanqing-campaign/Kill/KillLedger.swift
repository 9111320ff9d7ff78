import CanonicalJSON
import Foundation
import TestKit

/// A ledger that is killed again and again, and the events for it.
struct KillLedger {
    let program = Program()
    let home: URL
    let folder: String
    let mappings: (lines: String, csv: String)
    var book: ReceiptBook

    static let origin = "kill.example"

    /// Makes one with small segments and small runs, so that rolls, flushes and merges come often.
    init(home: URL, _ random: inout Seeded) throws {
        self.home = home
        folder = home.appending(path: "ledger").path
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        mappings = try KillLedger.writeMappings(home)
        let entries = [64, 256, 4096].randomElement(using: &random) ?? 64
        let made = try program.run(
            [
                "init", folder, "--origin", KillLedger.origin, "--segment-bytes", "65536",
                "--index-run-entries", "\(entries)", "--json",
            ], home: home)
        guard let vkey = try made.json["vkey"]?.string else {
            throw CampaignError("hanqing init: \(made.errors)")
        }
        book = try ReceiptBook(vkey: vkey, origin: KillLedger.origin, folder: folder)
    }

    private static func writeMappings(_ home: URL) throws -> (lines: String, csv: String) {
        let lines = home.appending(path: "lines.yaml")
        let csv = home.appending(path: "csv.yaml")
        try "import: 1\nform: cloudevents\n".write(to: lines, atomically: true, encoding: .utf8)
        try """
        import: 1
        form: csv
        source: urn:kill:csv
        stream: "report/{case}"
        id: "{id}"
        activity: "{step}"
        time: {from: "{date}", zone: "+08:00"}
        operator: {person: "{who}", unit: 虚构单位}
        events:
          accepted:
            type: report.accepted
            fields:
              acceptedOn: {from: date, as: date}
              reporterTold: {from: told, as: boolean}

        """.write(to: csv, atomically: true, encoding: .utf8)
        return (lines.path, csv.path)
    }

    // MARK: Events

    func event(_ id: String, case number: Int) -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/RP-2025-\(number)", type: "report.accepted",
            source: "urn:kill",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
    }

    func lines(_ name: String, _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for place in 0..<count {
            bytes += event("\(name)-\(place)", case: place % 50).canonicalBytes + [0x0A]
        }
        return bytes
    }

    func batch(_ name: String, _ count: Int) -> [UInt8] {
        JSONValue.array((0..<count).map { event("\(name)-\($0)", case: $0 % 20) }).canonicalBytes
    }

    /// A file to import, and the arguments for it.
    func importing(_ name: String, _ count: Int, asCSV: Bool) throws -> [String] {
        let file = home.appending(path: asCSV ? "\(name).csv" : "\(name).ndjson")
        if asCSV {
            var text = "id,case,step,date,who,told\n"
            for place in 0..<count {
                text += "\(name)-\(place),RP-2024-\(place % 50),accepted,2025-03-04,P-1,是\n"
            }
            try text.write(to: file, atomically: true, encoding: .utf8)
        } else {
            try Data(lines(name, count)).write(to: file)
        }
        return [
            "import", file.path, "--mapping", asCSV ? mappings.csv : mappings.lines,
            "--approver", "P-9", "--ledger", folder, "--json",
        ]
    }

    var appending: [String] { ["append", "-", "--ledger", folder] }

    // MARK: Processes

    func victim(
        _ arguments: [String], feeding bytes: [UInt8] = [], holding: Bool = false,
        limit: Program.Limit? = nil
    ) throws -> Victim {
        try Victim(
            program.process(arguments, home: home, limit: limit), feeding: bytes,
            holding: holding, errors: home.appending(path: "victim.err"))
    }

    func run(_ arguments: [String], input: [UInt8] = []) throws -> Program.Result {
        try program.run(arguments, home: home, input: input)
    }
}
