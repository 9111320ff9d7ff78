import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Every attack of Specs/threat-model.md section 5, performed with the shipped programs, against
/// every means of finding it: the table there is what was seen here.
@Suite struct AttackTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Specs/threat-model.md")

    @Test func `the table of attacks says what each command says`() async throws {
        let scene = try await AttackScene()
        var rows = [header, "|" + String(repeating: "---|", count: Probe.allCases.count + 1)]
        for attack in Attack.allCases {
            let shown = try await scene.perform(attack)
            let cells = try Probe.allCases.map { try scene.ask($0, shown).cell }
            rows.append("| \(attack.rawValue) | \(cells.joined(separator: " | ")) |")
        }
        try await scene.end()
        let table = rows.joined(separator: "\n")
        let text = try String(contentsOf: AttackTests.page, encoding: .utf8)
        #expect(text.contains("\n" + table + "\n"), "the table is now:\n\(table)")
    }

    private var header: String {
        "| attack | " + Probe.allCases.map { "`\($0.rawValue)`" }.joined(separator: " | ") + " |"
    }

    @Test func `what was not attacked is accused by nobody`() async throws {
        let scene = try await AttackScene()
        for probe in Probe.allCases {
            let answer = try scene.ask(probe, scene.honest)
            #expect(answer.code == 0, "\(probe.rawValue): \(answer.cell)")
        }
        try await scene.end()
    }
}

/// The attacks, as the page calls them.
enum Attack: String, CaseIterable {
    case rewritten = "a record is edited, all after it is linked and signed anew"
    case truncated = "the end is cut off, and the ledger goes on from there"
    case twoHistories = "two auditors are shown two histories; this one sees the second"
    case rolledBack = "yesterday's backup is put back"
    case dropped =
        "one whistle-blower's report is dropped, all after it is numbered, linked and signed anew"
    case backdated =
        "a record is entered with the clock put back, before yesterday's last anchoring"
    case replayed = "an old checkpoint is shown, with its cosignature"
    case swapped = "another district's ledger is shown in its place"
    case uncosigned = "a cosignature is removed"
    case withheld = "a text is withheld, and no record says so"
    case withheldUnseen = "the same, where only hashes are shown"
}

/// The means, each with what its holder has.
enum Probe: String, CaseIterable {
    /// No witness: the ledger's key alone.
    case verify
    /// One witness, whose cosignature is demanded.
    case policy = "verify --policy"
    /// One witness, who is asked what he cosigned last.
    case checkpoint = "verify --checkpoint"
    /// Timestamps of both days, kept elsewhere.
    case timestamps = "verify --timestamps"
    /// A reporter's receipt, and nothing else.
    case receipt = "receipt challenge"
    /// A city that anchors.
    case anchor
    /// The same, when what it holds is compared with records.
    case anchors = "verify --anchors"
}

/// What is shown to everybody after an attack, and what was seen of the ledger before.
struct Shown {
    let place: String
    let receipt: String
    let witnessed: String
    let stamped: String
    let city: String
}

struct ProbeAnswer {
    let code: Int32
    let words: [String]

    /// An exit code, and what was found.
    var cell: String {
        code == 0 ? "0" : "**\(code)** " + words.map { "`\($0)`" }.joined(separator: ", ")
    }
}
