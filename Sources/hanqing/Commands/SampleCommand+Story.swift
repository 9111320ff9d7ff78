import CanonicalJSON
import LedgerHome
import Sampling

// A story that is made to be traced.
extension SampleCommand {
    func sampleStory(_ printer: Printer) throws {
        let story = AccidentStory(try readCatalogue(nil), seed: seed)
        if let truth { try TruthFile(truth).write(story.truths.map(\.json)) }
        guard let mend else {
            for event in story.events { printer.print(event.json) }
            return
        }
        let places = try receipts(mend)
        for event in story.mends {
            if let json = AccidentStory.mend(event, places: { places[$0] }) { printer.print(json) }
        }
    }

    /// Numbers and leaf hashes by the ids of events.
    private func receipts(
        _ file: String
    ) throws -> [String: (sequence: Int64, leafHash: String)] {
        let input = try EventInput(file)
        guard case .lines(var next) = try input.form() else {
            throw LedgerError(
                en: "\(file) does not hold receipts, one a line", zh: "\(file) 不是每行一条的回执")
        }
        var places: [String: (sequence: Int64, leafHash: String)] = [:]
        while !next.isEmpty {
            for line in next {
                guard let receipt = try? JSONValue(parsing: line.bytes),
                    let id = receipt["id"]?.string, let sequence = receipt["seq"]?.integer,
                    let leafHash = receipt["leafHash"]?.string
                else { continue }
                places[id] = (sequence, leafHash)
            }
            next = try input.lines(atMost: SampleCommand.eventsPerWrite)
        }
        return places
    }
}
