import CanonicalJSON
import Digests
import Exchange
import Phrases

extension FuzzTarget {
    /// CSV in both encodings.
    static let csv = FuzzTarget(
        "csv", byteCountMax: 2048,
        dictionary: ["\"\"", "\",\"", "\r\n", "c,a,t,n,who\n", "二〇二五年三月四日", "¥1,234.50", "万元"]
    ) { (bytes) throws(Broken) in
        for mapping in csvMappings { try judgeRows(bytes, mapping) }
        return .read
    }

    /// XES, which FoundationXML's parser reads.
    static let xes = FuzzTarget("xes", byteCountMax: 4096, dictionary: xesWords) {
        (bytes) throws(Broken) in
        for mapping in xesMappings { try judgeRows(bytes, mapping) }
        return .read
    }

    /// NDJSON rows, and lines that are events already.
    static let ndjson = FuzzTarget(
        "ndjson", byteCountMax: 4096,
        dictionary: [
            #"{"c":""#, #"","a":"a""#, #","t":"2025-03-04""#, #","n":"#, #","who":"P-1"}"#, "\n",
            #""asserted":true"#, #""correlationid":"late-1""#, #""expectedrevision""#,
            #""traceparent""#, #""subject":"p/1""#,
        ]
    ) { (bytes) throws(Broken) in
        for mapping in lineMappings { try judgeRows(bytes, mapping) }
        return .read
    }

    /// Whatever a file's rows are, the events that are made of them are canonical JSON.
    static func judgeRows(
        _ bytes: some Collection<UInt8>, _ mapping: ImportMapping
    ) throws(Broken) {
        let file = MemoryFile(bytes)
        let reader = JSONReader()
        var broken: String?
        do throws(ImportError) {
            let source = try ByteSource(path: file.path)
            try mapping.readEvents(source, batch: "late-1") { event in
                guard let event else { return }
                let isCanonical = event.withUnsafeBytes { raw in
                    (try? reader.read(raw) { $0.isCanonicalDocument }) ?? false
                }
                if !isCanonical { broken = String(decoding: event, as: UTF8.self) }
            }
        } catch {
            try demand(!error.phrase.en.isEmpty, "a file that cannot be read is told why")
        }
        if let broken { throw Broken("an event is canonical JSON: \(broken)") }
    }

    /// gzip: what comes out does not depend on how much is asked for at once.
    static let gzip = FuzzTarget("gzip", byteCountMax: 4096, dictionary: ["\u{1F}\u{8B}"]) {
        (bytes) throws(Broken) in
        let file = MemoryFile(bytes)
        let (large, small) = (unpack(file, by: 65_536), unpack(file, by: 509))
        try demand(large.isSound == small.isSound, "the pieces do not change the verdict")
        // What came out of the piece in which the damage stands is not given out.
        try demand(
            !large.isSound || large.digest == small.digest, "the pieces do not change the whole")
        return large.isSound ? .read : .refused
    }

    /// The digest of the first MiB that come out, and whether all went well.
    private static func unpack(
        _ file: borrowing MemoryFile, by count: Int
    ) -> (digest: Digest, isSound: Bool) {
        let hash = SHA256()
        hash.start()
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { target.deallocate() }
        var left = 1 << 20
        do throws(ImportError) {
            let source = try ByteSource(path: file.path)
            while left > 0 {
                let count = try source.read(into: target)
                guard count > 0 else { break }
                let piece = target[..<min(count, left)]
                hash.update(UnsafeRawBufferPointer(rebasing: piece))
                left -= piece.count
            }
        } catch {
            return (hash.finish(), false)
        }
        return (hash.finish(), true)
    }
}

// MARK: - Mappings

extension FuzzTarget {
    private static let body = """
        source: https://x.example
        stream: "p/{c}"
        id: "{@case}-{@n}"
        activity: "{a}"
        absent: [NIL]
        replace:
          - {from: 〔, to: "-"}
          - {from: 号}
        time: {from: "{t}", zone: "+08:00"}
        operator: {person: "{who}", unit: u}
        events:
          a:
            type: p.a
            fields:
              amount: {from: n, as: fen}
              when: {from: t, as: date}
          b:
            type: p.b
            fields:
              list: {from: n, split: ","}
            participants:
              - {person: "{who}", prefix: X-, role: r, unit: u}

        """

    private static func mappings(_ heads: [String], _ body: String) -> [ImportMapping] {
        heads.compactMap { head in
            try? ImportMapping(name: "m.yaml", yaml: Array("import: 1\n\(head)\n\(body)".utf8))
        }
    }

    private static let csvMappings = mappings(
        ["form: csv", "form: csv\ncsv: {encoding: gb18030}"], body)

    private static let lineMappings =
        mappings(["form: ndjson"], body) + mappings(["form: cloudevents"], "")

    private static let xesMappings = mappings(
        ["form: xes"],
        body.replacing("{c}", with: "{trace.concept:name}")
            .replacing("{a}", with: "{concept:name}")
            .replacing("{t}", with: "{time:timestamp}")
            .replacing("from: t,", with: "from: \"time:timestamp\",")
            .replacing("{who}", with: "{org:resource}"))

    private static let xesWords = [
        "<log>", "</log>", "<trace>", "</trace>", "<event>", "</event>", "<string key=\"",
        "\" value=\"", "\"/>", "<date ", "<int ", "<float ", "<boolean ", "<id ", "<list ",
        "<container ", "<values>", "</values>", "<?xml version=\"1.0\" encoding=\"", "<!DOCTYPE ",
        "<!ENTITY ", "<![CDATA[", "]]>", "<!--", "-->", "&#x0;", "&amp;", "xmlns:a=\"",
        "concept:name", "time:timestamp", "org:resource", "2006-07-24T00:00:00+02:00",
    ]
}
