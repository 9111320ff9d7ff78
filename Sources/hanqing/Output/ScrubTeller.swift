import Auditing
import Phrases

/// Says on standard error what a scrub finds, at once, and shows how far it is.
final class ScrubTeller {
    private let printer: Printer
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var foundCount = 0

    /// What a person reads; the rest is in the state and in the report.
    private static let toldMax = 20

    init(_ printer: Printer) {
        self.printer = printer
        start = clock.now
    }

    func tell(_ event: Scrubber.Event) {
        switch event {
        case .began: break
        case .found(let finding): tell(finding)
        case .noted(let note): printer.complain(note.phrase)
        case .progress(let progress): show(progress)
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

    private func show(_ progress: Scrubber.Progress) {
        var phrase = Phrase(en: "scrubbing, records", zh: "巡检中，记录")
        let done = progress.records - progress.firstRecord
        if let size = progress.size, size > progress.records, done > 0 {
            let spent = Double((clock.now - start).components.seconds)
            let left = Int(spent * Double(size - progress.records) / Double(done))
            phrase = Phrase(
                en: "scrubbing, \(left / 60) min \(left % 60) s left, records",
                zh: "巡检中，约剩 \(left / 60) 分 \(left % 60) 秒，记录")
        }
        printer.progress(phrase, done: progress.records, total: progress.size)
    }
}
