import Access
import CanonicalJSON
import Catalogue
import Digests
import LedgerData
import Merkle
import Records

/// Grants, lines and logs made by hand.
enum Maker {
    static let now = moment("2026-12-01T08:00:00.000000Z")
    static let origin = "demo.example"

    static func moment(_ text: String) -> Timestamp {
        Timestamp(fixed: text) ?? Timestamp(microseconds: 0)
    }

    static func id(_ number: Int) -> TokenID {
        let digits = String(number, radix: 16)
        let text = "tk-" + String(repeating: "0", count: 12 - digits.count) + digits
        return TokenID(text) ?? TokenID.make()
    }

    static func grant(
        _ number: Int = 1, _ owner: Owner = .person("P-1"), _ rights: [String] = ["append:penalty"],
        roles: [String] = [], speaksFor: [String] = [], by: String = "P-9", days: Int = 90,
        reason: String? = "test"
    ) -> Grant {
        Grant(
            id: id(number), name: "token \(number)", owner: owner,
            rights: rights.compactMap { try? Right($0) }, roles: roles,
            speaksFor: Speakers(speaksFor), by: by, created: now,
            expires: now.advanced(bySeconds: Int64(days) * 86_400), reason: reason)
    }

    /// A token, and the line that knows it.
    static func issued(_ grant: Grant) -> (token: TokenText, line: TokenFile.Line) {
        let token = TokenText.make()
        return (token, TokenFile.Line(grant: grant, hash: token.hash))
    }

    static func log(
        _ lines: [TokenFile.Line], revoking ids: [TokenID] = []
    ) -> AccessLog {
        var log = AccessLog()
        for (number, line) in lines.enumerated() {
            log.take(
                event(AccessLog.createdType, AccessLog.data(of: line, unit: "-")),
                SequenceNumber(UInt64(number + 2)), recorded: now)
        }
        for (number, id) in ids.enumerated() {
            let data = AccessLog.data(revoking: id, by: "P-9", unit: "-", reason: "left")
            log.take(
                event(AccessLog.revokedType, data), SequenceNumber(UInt64(number + 100)),
                recorded: now)
        }
        return log
    }

    static func event(_ type: String, _ data: JSONValue) -> JSONValue {
        ["data": data, "type": .string(type)]
    }

    static let catalogue = Result { try EventCatalogue(compiled: LedgerData.compiledCatalogue) }
}
