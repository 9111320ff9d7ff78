/// The name of a stream: `<procedure>/<case id>`, Specs/record.md section 2.
package struct StreamName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// The stream called `text`, or nil if no stream can have that name.
    package init?(_ text: String) {
        let isSound = text.utf8.withContiguousStorageIfAvailable {
            StreamName.isSound(UnsafeRawBufferPointer($0))
        }
        guard isSound ?? Array(text.utf8).withUnsafeBytes(StreamName.isSound) else { return nil }
        self.text = text
    }

    package var description: String { text }
    package var procedure: Substring { text.prefix { $0 != "/" } }
    package var caseID: Substring { text.drop { $0 != "/" }.dropFirst() }

    package static let ledgerSelf = StreamName(unchecked: "ledger/self")
    package static let lateEntries = StreamName(unchecked: "ledger/late-entries")
    package static let attempts = StreamName(unchecked: "ledger/attempts")
    package static let anchors = StreamName(unchecked: "ledger/anchors")
    package static let access = StreamName(unchecked: "ledger/access")
    package static let vault = StreamName(unchecked: "ledger/vault")

    private init(unchecked text: String) {
        self.text = text
    }

    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")),
            isName(UnsafeRawBufferPointer(rebasing: text[..<slash]))
        else { return false }
        let caseID = UnsafeRawBufferPointer(rebasing: text[(slash + 1)...])
        guard 1...96 ~= caseID.count, caseID[0] != UInt8(ascii: "."),
            caseID[0] != UInt8(ascii: "-")
        else { return false }
        return ByteSet.caseID.contains(caseID)
    }

    /// Whether `text` is a procedure's name or the second part of an event type.
    package static func isName(_ text: UnsafeRawBufferPointer) -> Bool {
        guard 1...63 ~= text.count, text[0] >= 0x61, text[0] <= 0x7A else { return false }
        return ByteSet.name.contains(text)
    }
}
