import ArgumentParser
import CanonicalJSON
import Foundation
import Merkle
import Records
import TestKit

/// What an administrator with the key can do to a ledger: change it, and sign what comes of it.
struct ForgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forge",
        abstract: "Rewrite a ledger and sign it with its own key, for tests. 改写账本并重新签名，供检验用。",
        discussion: """
            The changes are made in this order; then links are mended, the newest checkpoint is
            signed anew with the key in the folder, and the index is removed. No campaign: the
            attacks of Specs/threat-model.md are made with it.
            """)

    @Argument(help: "The ledger's folder; it is changed.")
    var ledger: String

    @Option(help: ArgumentHelp("Edit a record: put --by in place of --replace.", valueName: "seq"))
    var edit: Int?

    @Option(help: ArgumentHelp("What --edit replaces.", valueName: "text"))
    var replace = ""

    @Option(help: ArgumentHelp("What --edit puts there.", valueName: "text"))
    var by = ""

    @Option(help: ArgumentHelp("Remove a record and number the rest anew.", valueName: "seq"))
    var drop: Int?

    @Option(help: ArgumentHelp("Keep only the first records.", valueName: "size"))
    var truncate: Int?

    @Option(help: ArgumentHelp("Move the time of recording by --shift.", valueName: "seq"))
    var shiftFrom: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("By how much; negative is earlier.", valueName: "seconds"))
    var shift: Int64 = 0

    @Option(help: ArgumentHelp("Put a stub in place of a record.", valueName: "seq"))
    var withhold: Int?

    @Flag(help: "Add the record that withholding needs.")
    var withOrder = false

    func run() throws {
        let sound = try SoundLedger(folder: ledger)
        var draft = LogDraft(sound)
        if let edit {
            guard let line = changed(sound.lines, edit, replace, by) else {
                throw CampaignError("record \(edit) does not hold \(replace)")
            }
            draft.replace(edit, by: line)
            draft.relink(after: edit)
        }
        if let shiftFrom {
            for record in shiftFrom..<sound.lines.count {
                draft.replace(record, by: shifted(draft.line(record), sound.isOwn(record)))
            }
            draft.relink(after: shiftFrom)
        }
        if let truncate {
            for record in truncate..<sound.lines.count { draft.remove(record) }
        }
        if let drop {
            draft.remove(drop)
            draft.relink(after: drop, renumbering: true)
        }
        if let withhold { try self.withhold(withhold, &draft) }
        try draft.install(draft.leaves(), in: ledger)
    }

    private func changed(
        _ lines: [ArraySlice<UInt8>], _ record: Int, _ old: String, _ new: String
    ) -> ArraySlice<UInt8>? {
        guard lines.indices.contains(record), !old.isEmpty,
            let place = lines[record].range(of: old.utf8)
        else { return nil }
        var line = lines[record]
        line.replaceSubrange(place, with: new.utf8)
        return line
    }

    /// The line with another time of recording; the ledger's own events happened just then.
    private func shifted(_ line: ArraySlice<UInt8>, _ isOwn: Bool) -> ArraySlice<UInt8> {
        var line = line
        let time = Array(#""time":""#.utf8)
        var places = [line.startIndex + RecordLayout.recorded.lowerBound]
        if isOwn, let own = line.range(of: time) { places.append(own.upperBound) }
        for place in places {
            let range = place..<place + Timestamp.textByteCount
            let text = String(decoding: line[range], as: UTF8.self)
            guard let moment = Timestamp(fixed: text) else { continue }
            line.replaceSubrange(range, with: moment.advanced(bySeconds: shift).text.utf8)
        }
        return line
    }

    private func withhold(_ record: Int, _ draft: inout LogDraft) throws {
        let sound = draft.sound
        guard let stub = Withholding.stub(of: sound.lines[record], sound.leaves[record]) else {
            throw CampaignError("record \(record) cannot be withheld")
        }
        draft.replace(record, by: stub[...])
        guard withOrder else { return }
        var writer = OwnWriter(sound)
        let line = writer.withheld(record, sound.leaves[record], sound.leaves)
        draft.insert(line[...], at: sound.lines.count - 1, after: true)
    }
}
