import Catalogue
import LedgerData
import LedgerHome
import Merkle
import Records

extension FuzzTarget {
    /// A case, folded from lines that nobody has audited.
    static let caseFile = FuzzTarget("case", byteCountMax: 4096, dictionary: caseWords) {
        (bytes) throws(Broken) in
        guard let catalogue = shippedCatalogue, let stream = StreamName("penalty/PN-2025-000020")
        else { throw Broken("the catalogue is read") }
        let lines = bytes.split(separator: 0x0A).map { Array($0) }
        let file = CaseFile(stream: stream, lines: lines, catalogue: catalogue) { _ in catalogue }
        try demand(file.entries.count <= lines.count, "a line is one entry, or none")
        try demand(
            file.people.allSatisfy { !$0.roles.isEmpty }, "who takes part has a role")
        return file.entries.isEmpty ? .refused : .read
    }

    /// Names that people type: document numbers, streams and the paths of tiles.
    static let names = FuzzTarget("names", byteCountMax: 300, dictionary: nameWords) {
        (bytes) throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        var isRead = DocumentNumber.isSound(bytes)
        let normal = DocumentNumber.normalised(text)
        try demand(DocumentNumber.normalised(normal) == normal, "what is normal stays as it is")
        if let stream = StreamName(text) {
            try demand("\(stream.procedure)/\(stream.caseID)" == text, "a stream has two parts")
            isRead = true
        }
        if let tile = Tile(path: text) {
            try demand(tile.path == text, "a tile's path has one spelling")
            isRead = true
        }
        if let time = ZonedTime(bytes) {
            let moment = Timestamp(fixed: time.moment.text)
            // Beyond the year 9999 of UTC there is no fixed form.
            try demand(
                moment == time.moment || time.date.year > 9998 || time.date.year < 1901,
                "a moment is read as it is written")
            isRead = true
        }
        return isRead ? .read : .refused
    }

    private static let caseWords = [
        #"{"chain":{"#, #""seq":"#, #""recorded":"2025-01-06T09:30:00.000000Z""#, #""event":{"#,
        #""intake":{"revision":"#, #""data":{"#, #""corrects":{"seq":"#, #""withdraws":{"seq":"#,
        #""corrected":{"#, #""participants":[{"person":"#, #"{"withheld":{"seq":"#, "-1", "1e15",
        #""type":"penalty.filed""#, #""time":"2025-01-06T09:30:00+08:00""#,
    ]

    private static let nameWords = [
        "〔2025〕", "（2025）", "[2025]", "号", "第", "杭应急罚", "tile/0/", "x001/", ".p/", "tile/entries/",
        "penalty/", "2025-03-04T09:30:00+08:00", "9999-12-31T23:59:59.999999-23:59",
    ]
}
