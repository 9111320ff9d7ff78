import CanonicalJSON
import Checkpoints
import Foundation
import TestKit

/// Asks a ledger with an edited index what it was asked before, and lets it go on.
struct IndexTrial {
    let program: Program
    let sound: SoundLedger
    let streams: Streams
    let home: URL
    let folder: String
    private(set) var complaints: [String] = []

    init(_ program: Program, _ sound: SoundLedger, _ streams: Streams, home: URL, folder: String) {
        (self.program, self.sound, self.streams) = (program, sound, streams)
        (self.home, self.folder) = (home, folder)
    }

    private mutating func demand(_ holds: Bool, _ what: String) {
        if !holds { complaints.append(what) }
    }

    private func run(_ arguments: [String], input: [UInt8] = []) throws -> Program.Result {
        try program.run(arguments + ["--ledger", folder, "--json"], home: home, input: input)
    }

    // MARK: Readers

    /// An edit that nobody found must not change what readers are told.
    mutating func askReaders(_ random: inout Seeded) throws {
        let all = try run(["log", "--limit", "100000000"])
        demand(all.exitCode == 0 && isLog(all.output, sound.lines[...]), "log: \(all.errors)")
        for _ in 0..<3 {
            let name = streams.random(&random)
            let records = streams.records[name] ?? []
            let log = try run(["log", "--stream", name, "--limit", "100000000"])
            let wanted = records.map { sound.lines[$0] }
            demand(isLog(log.output, wanted[...]), "log --stream \(name): \(log.errors)")
            let file = try run(["case", name])
            let told = (try? file.json)?["timeline"]?.array?.compactMap { $0["seq"]?.integer }
            demand(told == records.map(Int64.init), "case \(name): \(file.errors)")
        }
    }

    private func isLog(_ output: String, _ lines: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        let found = Array(output.utf8).split(separator: 0x0A)
        return found.count == lines.count && zip(found, lines).allSatisfy { $0 == $1 }
    }

    // MARK: The writer

    /// Whatever was done to the index: events that are known stay known, a new one gets a receipt
    /// that proves, and the log stays sound.
    ///
    /// Where the index leads astray the writer may stop, say so, and start again.
    mutating func askWriter(_ round: Int) throws {
        let known = streams.events(sound)
        var lines: [UInt8] = []
        for event in known { lines += event.line + [0x0A] }
        let arguments = ["append", "-", "--receipts", "brief", "--keep-going"]
        var again = try run(arguments, input: lines)
        demandRepeats(known, try receipts(again.output), isWhole: again.exitCode == 0)
        if again.exitCode == 2 {
            again = try run(arguments, input: lines)
            demandRepeats(known, try receipts(again.output), isWhole: true)
        }
        guard let model = known.last else { return }
        let id = "tamper-new-\(round)"
        let event = try JSONValue(parsing: model.line)
        let new: JSONValue = .object(
            (event.members ?? []).filter { $0.name != "asserted" }
                .map { $0.name == "id" ? JSONMember("id", .string(id)) : $0 })
        var added = try run(["append", "-"], input: new.canonicalBytes)
        if added.exitCode == 2, added.output.isEmpty {
            added = try run(["append", "-"], input: new.canonicalBytes)
        }
        try judge(try receipts(added.output).first, added.errors)
    }

    private mutating func demandRepeats(
        _ known: [(record: Int, line: ArraySlice<UInt8>)], _ receipts: [JSONValue], isWhole: Bool
    ) {
        let told = receipts.map { $0["repeat"]?.bool == true ? $0["seq"]?.integer : nil }
        let wanted = known.map { Int64($0.record) }
        let wrong = zip(told, wanted).first { $0 != $1 }
        demand(
            wrong == nil && (!isWhole || told.count == wanted.count),
            "\(told.count) of \(wanted.count) repeats told, "
                + (wrong.map { "record \($1) told as \($0 ?? -1)" } ?? "none wrong"))
    }

    private func receipts(_ output: String) throws -> [JSONValue] {
        try output.utf8.split(separator: 0x0A).map { try JSONValue(parsing: $0) }
    }

    private mutating func judge(_ receipt: JSONValue?, _ errors: String) throws {
        demand(receipt?["seq"]?.integer == Int64(sound.lines.count), "a new event: \(errors)")
        let lines = try ReceiptCheck.lines(of: folder)
        if let receipt {
            let check = try ReceiptCheck(
                vkey: sound.key.verifierKey.description, origin: sound.origin)
            do {
                try check.check(receipt, against: lines)
            } catch {
                complaints.append("the receipt does not prove: \(error)")
            }
        }
        try FileManager.default.removeItem(atPath: folder + "/index")
        let verified = try program.run(
            ["verify", folder, "--json", "--no-memory"], home: home)
        demand(
            verified.exitCode == 0 && lines.count == sound.lines.count + 1,
            "the log was harmed: \(lines.count) records, \(verified.output.prefix(600))")
    }
}

/// Which records are in which stream, and all events as they were submitted.
struct Streams: Sendable {
    private(set) var records: [String: [Int]] = [:]
    private let names: [String]

    init(_ sound: SoundLedger) {
        for (record, line) in sound.lines.enumerated() {
            let name = sound.isWithheld(record) ? #""stream":""# : #""subject":""#
            guard let start = line.range(of: name.utf8)?.upperBound,
                let end = line[start...].firstIndex(of: UInt8(ascii: "\""))
            else { continue }
            records[String(decoding: line[start..<end], as: UTF8.self), default: []]
                .append(record)
        }
        names = records.keys.filter { !$0.hasPrefix("ledger/") }.sorted()
    }

    func random(_ random: inout Seeded) -> String {
        names.randomElement(using: &random) ?? "ledger/self"
    }

    /// All events that producers sent and that are in clear.
    func events(_ sound: SoundLedger) -> [(record: Int, line: ArraySlice<UInt8>)] {
        sound.lines.enumerated().compactMap { record, line in
            guard !sound.isWithheld(record), !sound.isOwn(record),
                let start = line.range(of: #","event":"#.utf8)?.upperBound,
                let length = line.lastRange(of: #","intake":{"#)
            else { return nil }
            return (record, line[start..<length])
        }
    }
}

extension ArraySlice<UInt8> {
    /// Where `text` begins last.
    fileprivate func lastRange(of text: String) -> Int? {
        let wanted = Array(text.utf8)
        return indices.dropLast(wanted.count - 1).last { self[$0...].starts(with: wanted) }
    }
}
