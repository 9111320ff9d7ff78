import Auditing
import Phrases

/// Findings, one a line, as many as a person reads.
struct FindingList {
    private let findings: [Finding]
    private let more: Int
    private let printer: Printer

    private static let countMax = 20

    /// `more` are not among `findings`.
    init(_ findings: [Finding], _ more: Int, _ printer: Printer) {
        (self.findings, self.more, self.printer) = (findings, more, printer)
    }

    func print() {
        for finding in findings.prefix(FindingList.countMax) {
            let code = printer.coloured(finding.code.rawValue, .red)
            printer.print("\(code)  \(finding.phrase[printer.language])")
        }
        let hidden = max(0, findings.count - FindingList.countMax) + more
        guard hidden > 0 else { return }
        printer.print(
            Phrase(
                en: "… and \(hidden) more; --json lists them",
                zh: "……另有 \(hidden) 项，加 --json 可列出"))
    }
}
