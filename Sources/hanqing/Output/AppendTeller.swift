import CanonicalJSON
import Phrases
import Records
import Sequencing

/// Prints what became of appended events, and counts those that were refused.
final class AppendTeller {
    private let printer: Printer
    private(set) var refusedCount = 0

    init(_ printer: Printer) { self.printer = printer }

    /// Nobody reads the receipts any more.
    var isClosed: Bool { printer.isClosed }
    var language: Language { printer.language }

    /// A refusal in the words of one language.
    struct Reason {
        let code: String
        let pointer: String
        let reason: String

        fileprivate var json: JSONValue {
            ["code": .string(code), "pointer": .string(pointer), "reason": .string(reason)]
        }
    }

    func tell(_ receipts: [[UInt8]]) {
        for receipt in receipts { printer.write(receipt + [0x0A]) }
        printer.flush()
    }

    func refuse(_ refusals: [Refusal], line: Int, of file: String) {
        refuse(refusals.map(reason), line: line, of: file)
    }

    func refuse(_ reasons: [Reason], line: Int, of file: String) {
        refusedCount += 1
        report(reasons, "\(file):\(line)", JSONMember("line", .integer(Int64(line))))
    }

    func refuse(batch refused: [RefusedEvent], of file: String) {
        refuse(batch: refused.map { ($0.place, $0.refusals.map(reason)) }, of: file)
    }

    func refuse(batch refused: [(place: Int, reasons: [Reason])], of file: String) {
        refusedCount += refused.count
        for (place, reasons) in refused {
            report(reasons, "\(file)[\(place)]", JSONMember("place", .integer(Int64(place))))
        }
        if !printer.isJSON {
            printer.complain(
                Phrase(en: "nothing of the batch was recorded", zh: "整批均未入账"))
        }
    }

    private func reason(_ refusal: Refusal) -> Reason {
        Reason(
            code: refusal.code.rawValue, pointer: refusal.pointer,
            reason: refusal.reason[printer.language])
    }

    private func report(_ reasons: [Reason], _ place: String, _ member: JSONMember) {
        if printer.isJSON {
            printer.print(
                .object([JSONMember("refused", .array(reasons.map(\.json))), member]))
            return
        }
        for reason in reasons {
            let phrase = Refusal(
                .invalid, at: reason.pointer, en: reason.reason, zh: reason.reason
            ).phrase
            printer.complain("\(place): \(phrase[printer.language])")
        }
    }
}
