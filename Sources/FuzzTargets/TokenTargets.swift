import Access
import CanonicalJSON
import Digests
import Merkle
import Records

extension FuzzTarget {
    /// A token as somebody sends it; half of the inputs are given the right checksum.
    static let token = FuzzTarget("token", byteCountMax: 300, dictionary: [TokenText.prefix]) {
        (bytes) throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        let isSent = try judgeToken(text)
        let mended = mendedToken(bytes)
        let isMended = try judgeToken(mended)
        try demand(isMended, "what has the right checksum is a token")
        return isSent ? .read : .refused
    }

    private static func judgeToken(_ text: String) throws(Broken) -> Bool {
        guard let token = try? TokenText(text) else { return false }
        try demand(token.secretText.utf8.elementsEqual(text.utf8), "a token has one spelling")
        try demand(token.hash == SHA256.digest(of: text.utf8), "its hash is that of its text")
        try demand(!"\(token)".contains(text), "its description does not show it")
        return true
    }

    /// A token whose secret begins with the input.
    private static func mendedToken(_ bytes: UnsafeRawBufferPointer) -> String {
        let secret = Array((Array(bytes) + [UInt8](repeating: 0, count: 32)).prefix(32))
        return TokenText.prefix + Base64URL.encode(secret + TokenText.checksum(of: secret[...]))
    }

    /// The tokens' file, then what records and it come to together.
    static let tokens = FuzzTarget("tokens", byteCountMax: 2048, dictionary: tokensWords) {
        (bytes) throws(Broken) in
        guard let file = try? TokenFile(Array(bytes), origin: "vectors.example/v1") else {
            return .refused
        }
        try demand(file.bytes.elementsEqual(bytes), "a file of tokens has one spelling")
        var log = AccessLog()
        for (number, line) in file.lines.enumerated() where number > 0 {
            log.take(
                [
                    "data": AccessLog.data(of: line, unit: "-"),
                    "type": .string(AccessLog.createdType),
                ], SequenceNumber(UInt64(number)), recorded: line.grant.created)
        }
        try demand(log.unreadable.isEmpty, "what is written down can be recorded, and is read")
        let book = TokenBook(file, log)
        try demand(book.entries.count == file.lines.count, "each line is one token")
        for entry in book.entries {
            let state = book.state(of: entry, at: entry.grant.created)
            let isFirst = entry.grant.id == file.lines.first?.grant.id
            try demand(
                state == .unrecorded ? isFirst : !isFirst, "what no record stands for is told")
            try judgeDecisions(Caller(entry.grant, apart: []))
        }
        return .read
    }

    /// No grant that can be written opens a seal or writes the ledger's own records, and nobody
    /// both approves and administers.
    private static func judgeDecisions(_ caller: Caller) throws(Broken) {
        let own = Action.Entry(procedure: "ledger", by: [], operatorID: "P-1")
        for action in [Action.openSeal, .append(own)] {
            try demand(!caller.may(action).isAllowed, "no token may \(action)")
        }
        let kinds = [Action.operate, .grantAndRevoke, .approve(procedure: "a", enteredBy: "")]
        let count = kinds.count { caller.may($0).isAllowed }
        try demand(count <= 1, "administrators exclude one another, and approvers")
    }

    private static let tokensWords = [
        #"{"format":1,"origin":"vectors.example/v1"}"#, #"{"grant":{"by":"P-9","created":""#,
        #""expires":"2026-12-02T08:00:00.000000Z","id":"tk-000000000001""#,
        #""owner":{"person":"P-1"}"#, #""owner":{"system":"s"}"#,
        #""rate":{"burst":1,"perSecond":1}"#, #""reason":"x""#, #""roles":["squad"]"#,
        #""rights":["append:*"]"#, #""administer:audit""#, #""read:internal:penalty""#,
        #""speaksFor":["*"]"#, #""revoked":{"at":"2026-12-01T08:00:00.000000Z","by":"P","#,
    ]
}
