import CanonicalJSON
import Foundation
import LedgerHome
import Phrases
import Sampling

// A year of the bureau.
extension SampleCommand {
    func sampleYear(_ year: Int, _ printer: Printer) throws {
        var sampled = SampledYear(
            try Ledger.ruleBook(try readCatalogue(nil)), seed: seed, eventCount: events,
            year: year, years: years, isMended: mend != nil, figures: truth != nil)
        let truths = try truth.map { try TruthFile($0) }
        var mends: [YearMend] = []
        var made = SampledEvents()
        let filling = sealed ? SealedFilling(try readCatalogue(nil), seed: seed) : nil
        var goesOn = true
        while goesOn, !printer.isClosed {
            made.removeAll()
            while made.count < SampleCommand.eventsPerWrite, goesOn {
                goesOn = sampled.append(asLine: true, to: &made)
            }
            if mend == nil { printer.write(filling?.filled(lines: made.bytes) ?? made.bytes) }
            try truths?.write(sampled.takeTruths().map(\.json))
            mends += sampled.takeMends()
            try truths?.write(sampled.takeFigures().map(\.json))
        }
        if let mend { try printMends(mends, receipts: mend, printer) }
    }

    /// In the order of the receipts; what was not recorded is not mended.
    private func printMends(
        _ mends: [YearMend], receipts: String, _ printer: Printer
    ) throws {
        let byTarget = Dictionary(mends.map { ($0.target, $0) }, uniquingKeysWith: { $1 })
        let input = try EventInput(receipts)
        guard case .lines(var next) = try input.form() else {
            throw LedgerError(
                en: "\(receipts) does not hold receipts, one a line", zh: "\(receipts) 不是每行一条的回执")
        }
        while !next.isEmpty, !printer.isClosed {
            for line in next {
                guard let receipt = try? JSONValue(parsing: line.bytes),
                    let mend = receipt["id"]?.string.flatMap({ byTarget[$0] }),
                    let sequence = receipt["seq"]?.integer,
                    let leafHash = receipt["leafHash"]?.string
                else { continue }
                printer.print(mend.event(sequence: sequence, leafHash: leafHash))
            }
            next = try input.lines(atMost: SampleCommand.eventsPerWrite)
        }
    }
}

/// The file in which truths are written down.
struct TruthFile {
    private let file: FileHandle

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw LedgerError(en: "\(path) cannot be written", zh: "无法写入 \(path)") }
        self.file = file
    }

    func write(_ truths: [JSONValue]) throws {
        var bytes: [UInt8] = []
        for truth in truths {
            truth.write(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        try file.write(contentsOf: Data(bytes))
    }
}
