import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Exports, read by the tools that others use: `./dev accept --shared DIR`.
@Suite(.serialized) struct ExportAcceptanceTests {
    private let program = Program()

    @Test func `other tools read every export, and count what we count`() throws {
        let home = try ScratchFolder()
        let ledger = try Outside.year(home, events: 3000, mended: true)
        let folder = home.path + "/exports"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        var told: [String: JSONValue] = [:]
        for (format, file) in [
            ("ocel", "ocel.json"), ("ocel-sqlite", "ocel.sqlite"), ("xes", "log.xes"),
            ("prov", "prov.json"), ("ocsf", "ocsf.ndjson"), ("xlsx", "tables.xlsx"),
            ("csv", "events.csv"),
        ] {
            let table = format == "csv" ? ["--table", "events"] : []
            told[format] = try run(
                ["export", format, "--ledger", ledger, "--out", "\(folder)/\(file)", "--json"]
                    + table, home
            ).json
        }
        let schema = try Outside.setting("HANQING_SHARED") + "/vectors/ocel2/schema_ocel2.json"
        let read = try Outside.python("read_exports.py", [folder, schema])
        let (ocel, xlsx) = (try #require(told["ocel"]), try #require(told["xlsx"]))
        #expect(read["ocel"]?["events"] == ocel["events"])
        #expect(read["ocel"]?["objects"] == ocel["objects"])
        #expect(told["ocel-sqlite"]?["objects"] == ocel["objects"])
        #expect(read["xes"]?["cases"] == told["xes"]?["cases"])
        #expect(read["xes"]?["events"] == told["xes"]?["standing"])
        let variants = try run(["variants", "--ledger", ledger, "--json"], home).json
        #expect(read["xes"]?["variants"] == variants["variants"])
        #expect(read["prov"]?["bundles"] == told["prov"]?["cases"])
        #expect(read["prov"]?["activities"] == told["prov"]?["events"])
        #expect(read["ocsf"]?["events"] == told["ocsf"]?["heads"]?.array?.first?["size"])
        #expect(read["csv"]?["events"] == told["csv"]?["events"])
        for sheet in ["events", "cases", "participants", "duties", "findings", "indicators"] {
            #expect(read["xlsx"]?[sheet] == xlsx[sheet], "\(sheet)")
        }
    }

    /// What an independent count over the raw log gives.
    @Test func `the fines' variants, events and open cases at two moments`() throws {
        let home = try ScratchFolder()
        let ledger = try fines(home)
        let days = ["2005-12-31", "2010-12-31"]
        let log = try Outside.setting("HANQING_SHARED") + "/data/fines.xes.gz"
        let counted = try Outside.python(
            "count_variants.py", [log, "--ends", "Send for Credit Collection"] + days)
        for (span, options) in [("whole", [])] + days.map({ ($0, ["--occurred", $0]) }) {
            let found = try run(
                ["variants", "--ledger", ledger, "--json"] + options, home
            ).json
            for name in ["variants", "events", "cases", "open"] {
                #expect(found[name] == counted[span]?[name], "\(span): \(name)")
            }
        }
        #expect(counted["whole"]?["variants"]?.integer == 231)
    }

    private func fines(_ home: ScratchFolder) throws -> String {
        let fixtures = Outside.tests.appending(path: "Fixtures")
        let ledger = home.path + "/fines"
        _ = try run(
            [
                "init", ledger, "--origin", "fines.example", "--catalogue",
                fixtures.appending(path: "fines").path,
            ], home)
        _ = try run(
            [
                "import", try Outside.setting("HANQING_SHARED") + "/data/fines.xes.gz", "--mapping",
                fixtures.appending(path: "fines-mapping.yaml").path, "--approver", "P-9",
                "--ledger", ledger,
            ], home)
        return ledger
    }

    private func run(_ arguments: [String], _ home: ScratchFolder) throws -> Program.Result {
        let result = try program.run(arguments, home: home.url)
        #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        return result
    }
}
