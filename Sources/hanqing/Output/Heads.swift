import CanonicalJSON
import Merkle
import Phrases
import Projections
import Records

extension Printer {
    /// What a list was made from, at its end: of each ledger the head, as of the moment.
    func heads(_ heads: [AnswerHead]) {
        if isJSON {
            print(["heads": .array(heads.map(\.json))])
            return
        }
        table(
            heads.map { head in
                let (size, moment) = (grouped(head.size), localTime(head.moment.text))
                return [
                    coloured(head.origin, .grey),
                    coloured(
                        text(
                            en: "as of \(moment) +08:00, \(size) records, root \(head.root.base64)",
                            zh: "截至 \(moment) +08:00，\(size) 条记录，根哈希 \(head.root.base64)"),
                        .grey),
                ]
            })
    }
}
