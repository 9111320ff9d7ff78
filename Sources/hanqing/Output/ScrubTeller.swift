import Auditing
import Phrases

/// Says on standard error what a scrub finds, at once, and shows how far it is.
final class ScrubTeller {
    private let printer: Printer
    private let line: ProgressLine
    private var foundCount = 0

    /// What a person reads; the rest is in the state and in the report.
    private static let toldMax = 20

    init(_ printer: Printer) {
        self.printer = printer
        line = printer.progress(Phrase(en: "scrubbing", zh: "正在巡检"), .records)
    }

    func tell(_ event: Scrubber.Event) {
        switch event {
        case .began: break
        case .found(let finding): tell(finding)
        case .noted(let note): printer.complain(note.phrase)
        case .progress(let progress):
            line.tell(done: progress.records, total: progress.size)
        }
    }

    /// Takes the progress off the screen.
    func end() {
        printer.flush()
    }

    private func tell(_ finding: Finding) {
        foundCount += 1
        if foundCount <= ScrubTeller.toldMax {
            printer.complain(
                Phrase(
                    en: "damage: \(finding.code.rawValue): \(finding.phrase.en)",
                    zh: "发现损坏：\(finding.code.rawValue)：\(finding.phrase.zh)"))
        } else if foundCount == ScrubTeller.toldMax + 1 {
            printer.complain(
                Phrase(
                    en: "more damage; hanqing scrub --status tells how much",
                    zh: "还有更多损坏；hanqing scrub --status 可查看"))
        }
    }
}
