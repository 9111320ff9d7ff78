import AuditSources
import Auditing
import CanonicalJSON
import Digests
import FileStore
import Foundation
import Testing

/// The index of names is compared with the log, entry by entry, whatever its checksums say.
@Suite struct NameRunsTests {
    private let maker = LedgerMaker.varied(300, seed: 5)

    /// A name in the log, and what leads from it.
    private struct Entry {
        var name: [UInt8]
        var value: UInt64
    }

    private func entries(_ part: String, of maker: LedgerMaker) -> [Entry] {
        maker.lines.enumerated().compactMap { number, line in
            guard let value = try? JSONValue(parsing: line) else { return nil }
            if let stub = value["withheld"] {
                let revision = UInt64(stub["revision"]?.integer ?? 0)
                return part == "ids"
                    ? nil
                    : Entry(
                        name: Array((stub["stream"]?.string ?? "").utf8),
                        value: UInt64(number) << 24 | revision)
            }
            guard let event = value["event"] else { return nil }
            let (source, id) = (event["source"]?.string ?? "", event["id"]?.string ?? "")
            let revision = UInt64(value["intake"]?["revision"]?.integer ?? 0)
            return part == "ids"
                ? Entry(name: Array("\(source)\0\(id)".utf8), value: UInt64(number))
                : Entry(
                    name: Array((event["subject"]?.string ?? "").utf8),
                    value: UInt64(number) << 24 | revision)
        }
    }

    /// A folder with the maker's ledger and an index of names whose entries `change` may touch.
    private func folder(
        _ maker: LedgerMaker, covering: UInt64 = 300,
        _ change: (String, inout [Entry]) -> Void = { _, _ in }
    ) throws -> TestFolder {
        let folder = try TestFolder(maker.contents())
        for part in ["ids", "streams"] {
            var entries = entries(part, of: maker).filter {
                (part == "ids" ? $0.value : $0.value >> 24) < covering
            }
            change(part, &entries)
            var options = SortedRuns.Options(
                boot: "boot", newHashKey: ShortHash(high: 3, low: UInt64(part.count)))
            (options.tableEntries, options.worksInline) = (64, true)
            let runs = try SortedRuns(
                folder: folder.path + "/index", name: part, options: options)
            for (number, entry) in entries.enumerated() {
                runs.insert(
                    entry.name.withUnsafeBytes { SipHash.hash($0, key: runs.hashKey) },
                    entry.value)
                let record = part == "ids" ? entry.value : entry.value >> 24
                if number % 90 == 89 { try runs.settle(through: record + 1) }
            }
            try runs.settle(through: covering)
            try runs.flush()
            try runs.close()
        }
        return folder
    }

    private func differences(_ folder: TestFolder) async throws -> [String] {
        let report = try await audit(folder)
        #expect(report.findings.allSatisfy { $0.code == .indexDiffers })
        return report.findings.compactMap(\.file)
    }

    @Test(arguments: [300, 299, 17] as [UInt64])
    func `what the log gives is sound, however far it goes`(covering: UInt64) async throws {
        #expect(try await differences(folder(maker, covering: covering)) == [])
    }

    @Test(arguments: ["ids", "streams"])
    func `an entry that is missing, changed or added is found`(part: String) async throws {
        let changes: [(inout [Entry]) -> Void] = [
            { $0.remove(at: 100) }, { $0[100].value += 1 }, { $0[100].name[3] ^= 1 },
            { $0.insert($0[100], at: 100) }, { $0.append(Entry(name: [65], value: $0[299].value)) },
        ]
        for change in changes {
            let edited = try folder(maker) { if $0 == part { change(&$1) } }
            let found = try await differences(edited)
            #expect(found.count == 1 && found[0].hasPrefix("index/\(part)/"), "\(found)")
        }
    }

    @Test func `a withheld record's id may be there or not`() async throws {
        var withheld = maker
        withheld.withhold(100, backed: true)
        let before = entries("ids", of: maker)[100]
        #expect(try await differences(folder(withheld, covering: 301)) == [])
        let kept = try folder(withheld, covering: 301) { part, entries in
            if part == "ids" { entries.insert(before, at: 100) }
        }
        #expect(try await differences(kept) == [])
    }

    @Test func `runs of records that are not there are found`() async throws {
        let short = LedgerMaker.varied(200, seed: 5)
        let long = try folder(maker)
        for (name, bytes) in short.contents(index: false) { try long.write(name, bytes) }
        try FileManager.default.removeItem(atPath: long.path + "/" + LedgerMaker.segment(240))
        let found = try await differences(long)
        #expect(Set(found.map { $0.prefix(10) }) == ["index/ids/", "index/stre"])
    }

    @Test func `a manifest that is none, and a run that is gone, are found`() async throws {
        let broken = try folder(maker)
        try broken.write("index/ids/manifest", Array("hanqing index 1\n".utf8))
        #expect(try await differences(broken) == ["index/ids/manifest"])
        let gone = try folder(maker)
        try gone.write(
            "index/streams/manifest",
            Array(
                try gone.manifest("streams").replacing(
                    " 300 ", with: " 301 "
                ).utf8))
        #expect(try await !differences(gone).isEmpty)
    }
}

extension TestFolder {
    fileprivate func manifest(_ part: String) throws -> String {
        try String(contentsOfFile: "\(path)/index/\(part)/manifest", encoding: .utf8)
    }
}
