import CanonicalJSON
import Foundation
import TestKit

/// A case of made-up persons, with words that stand nowhere else.
///
/// Nothing of it is real.
struct SealedCase {
    let number: Int
    /// By field.
    let values: [(field: String, value: String)]

    /// Every other one is a report of a danger; the others ask for information, which no period of
    /// retention keeps from being shredded.
    var isReport: Bool { number % 2 == 0 }
    var stream: String { isReport ? "report/RP-2025-\(number)" : "foi/FOI-2025-\(number)" }
    var words: [String] { values.map(\.value) }

    init(_ number: Int, _ random: inout Seeded) {
        let (name, sentence) = (SealedCase.text(4, &random), SealedCase.text(24, &random))
        let phone = "139\(SealedCase.digits(8, &random))"
        let person = SealedCase.residentID(&random)
        self.number = number
        values =
            number % 2 == 0
            ? [
                ("content", sentence), ("reporterName", name), ("reporterPhone", phone),
                ("reporterResidentId", person),
            ]
            : [
                ("applicantName", name), ("applicantPhone", phone),
                ("applicantAddress", sentence), ("applicantResidentId", person),
            ]
    }

    /// What is submitted: an event or two, and the end of the case.
    func events() -> [JSONValue] {
        let parts: [(type: String, clear: [JSONMember], sealed: ArraySlice<Int>)] =
            isReport
            ? [
                ("report.received", received, [0]),
                (
                    "report.identity-sealed",
                    [
                        JSONMember("pseudonym", .string("R-\(number)")),
                        JSONMember("fieldsHeld", ["姓名", "电话", "身份证号"]),
                        JSONMember("consentScope", "仅核查"),
                    ], [1, 2, 3]
                ),
                (
                    "report.not-accepted",
                    [JSONMember("ground", "重复举报"), JSONMember("reporterTold", true)], []
                ),
            ]
            : [
                (
                    "foi.received",
                    [
                        JSONMember("channel", "网上"), JSONMember("receivedOn", "2025-03-04"),
                        JSONMember("applicantKind", "公民"), JSONMember("content", "虚构"),
                    ], [0, 1, 2, 3]
                ),
                ("foi.withdrawn", [JSONMember("withdrawnOn", "2025-03-04")], []),
            ]
        return parts.enumerated().map { place, part in
            EventMaker.json(
                id: "\(number)-\(place)", stream: stream, type: part.type, source: "urn:seals",
                data: .object(
                    [JSONMember("operator", ["person": "P-1", "unit": "虚构单位"])] + part.clear
                        + part.sealed.map {
                            JSONMember(values[$0].field, .string(values[$0].value))
                        }))
        }
    }

    /// Wrong in a way that names a value, and torn in the midst of one.
    func wrongEvents() -> [String] {
        let value = values[values.count - 1]
        let wrong = EventMaker.json(
            id: "\(number)-wrong", stream: stream,
            type: isReport ? "report.identity-sealed" : "foi.received", source: "urn:seals",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"],
                value.field: .string(value.value + "0"),
            ]
        ).canonicalText
        let torn = events()[0].canonicalText
        guard let start = torn.range(of: values[0].value)?.upperBound else { return [wrong] }
        return [wrong, String(torn[..<start])]
    }

    private var received: [JSONMember] {
        [
            JSONMember("registerNo", .string("J-\(number)")), JSONMember("channel", "12350电话"),
            JSONMember("receivedAt", "2025-03-04T09:30:00+08:00"),
            JSONMember("reporterKind", "实名社会公众"), JSONMember("reportKind", "其他"),
            JSONMember("objectName", "虚构厂"), JSONMember("region", "330105"),
            JSONMember("industry", "危险化学品"), JSONMember("urgent", false),
            JSONMember("deathsInvolved", false),
        ]
    }

    // MARK: - Words

    private static func text(_ count: Int, _ random: inout Seeded) -> String {
        var text = ""
        for _ in 0..<count {
            let code = UInt32.random(in: 0x4E00...0x9F00, using: &random)
            text.unicodeScalars.append(Unicode.Scalar(code) ?? "字")
        }
        return text
    }

    private static func digits(_ count: Int, _ random: inout Seeded) -> String {
        (0..<count).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
    }

    /// GB 11643-1999: seventeen digits and one that checks them (ISO 7064, MOD 11-2).
    private static func residentID(_ random: inout Seeded) -> String {
        let text =
            "330106199\(Int.random(in: 0...9, using: &random))01"
            + "1\(Int.random(in: 0...9, using: &random))" + digits(3, &random)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(text, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
        return text + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    }
}
