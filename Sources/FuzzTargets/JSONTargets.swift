import CanonicalJSON
import Digests
import Merkle
import Records

extension FuzzTarget {
    private static let words = [
        "null", "true", "false", "{}", "[]", #"":"#, #"\u0000"#, #"\ud83d\ude00"#, #"\ud800"#,
        "1e400",
        "-0", "9007199254740993", "1e-7", "0.1", "1E+2", "\u{FEFF}",
    ]

    /// The JSON reader: what is read and written canonically reads the same again.
    static let json = FuzzTarget("json", byteCountMax: 4096, dictionary: words) {
        (bytes) throws(Broken) in
        let strict = try judge(bytes, JSONReader())
        let rounding = try judge(bytes, JSONReader(roundsNumbers: true))
        guard strict != nil else { return .refused }
        try demand(rounding == strict, "rounding does not change a number that is exact")
        return .read
    }

    /// The canonical form of what `reader` reads, nil if it refuses.
    private static func judge(
        _ bytes: UnsafeRawBufferPointer, _ reader: JSONReader
    ) throws(Broken) -> [UInt8]? {
        let found: (canonical: [UInt8], isCanonical: Bool, value: JSONValue)
        do throws(JSONError) {
            found = try reader.read(bytes) { view in
                var canonical: [UInt8] = []
                CanonicalWriter.write(view, to: &canonical)
                return (canonical, view.isCanonicalDocument, JSONValue(view))
            }
        } catch {
            try demand(0...bytes.count ~= error.offset, "an error stands inside the input")
            return nil
        }
        try demand(
            found.isCanonical == found.canonical.elementsEqual(bytes),
            "a document is called canonical if, and only if, it is its own canonical form")
        try demand(
            found.value.canonicalBytes == found.canonical,
            "a value is written as its view is written")
        try judgeAgain(found.value, found.canonical)
        return found.canonical
    }

    private static func judgeAgain(_ value: JSONValue, _ canonical: [UInt8]) throws(Broken) {
        let (again, given): (JSONValue, JSONValue)
        do throws(JSONError) {
            again = try JSONValue(parsing: canonical)
            given = try JSONValue(parsing: value.bytesAsGiven)
        } catch {
            throw Broken("what was written is refused: \(error)")
        }
        try demand(again.canonicalBytes == canonical, "canonicalisation is idempotent")
        try demand(given == value, "what is written as given reads the same again")
    }

    /// Receipts: the fast writer and the value agree, whatever the texts are.
    static let receipt = FuzzTarget("receipt", byteCountMax: 1024) { (bytes) throws(Broken) in
        let parts = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        func text(_ place: Int) -> String { place < parts.count ? parts[place] : "" }
        let digest = SHA256.digest(of: bytes)
        let flags = bytes.first ?? 0
        let receipt = Receipt(
            sequence: SequenceNumber(UInt64(bytes.count)), leafHash: LeafHash(digest),
            stream: text(0), revision: Revision(UInt64(flags)), source: text(1), id: text(2),
            isRepeat: flags & 1 != 0, checkpoint: flags & 2 != 0 ? text(3) : nil,
            proof: flags & 4 != 0 ? [digest, .zero] : nil)
        var written: [UInt8] = []
        receipt.write(to: &written)
        try demand(written == receipt.json.bytesAsGiven, "both writers of a receipt agree")
        let isSame = (try? JSONValue(parsing: written)) == receipt.json
        try demand(isSame, "a receipt reads the same again")
        return .read
    }
}
