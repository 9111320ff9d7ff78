import CanonicalJSON
import Catalogue
import Digests
import Exchange
import LedgerHome
import Phrases

extension FuzzTarget {
    /// A catalogue's files, put one after the other, each after a line `%% <path>`.
    static let catalogue = FuzzTarget("catalogue", byteCountMax: 8192, dictionary: words) {
        (bytes) throws(Broken) in
        let catalogue: EventCatalogue
        do throws(CatalogueErrors) {
            catalogue = try EventCatalogue(files: files(bytes))
        } catch {
            try demand(!error.errors.isEmpty, "a refused catalogue is told why")
            for error in error.errors {
                try demand(error.line >= 1 && error.column >= 1, "an error stands somewhere")
            }
            return .refused
        }
        try judge(catalogue)
        return .read
    }

    /// The compiled form of a catalogue.
    static let compiled = FuzzTarget("compiled", byteCountMax: 6144, dictionary: words) {
        (bytes) throws(Broken) in
        guard let catalogue = try? EventCatalogue(compiled: Array(bytes)) else { return .refused }
        try demand(catalogue.compiled.elementsEqual(bytes), "the compiled form is kept as it is")
        try judge(catalogue)
        return .read
    }

    private static func judge(_ catalogue: EventCatalogue) throws(Broken) {
        let again: EventCatalogue
        do throws(CatalogueErrors) {
            again = try EventCatalogue(compiled: catalogue.compiled)
        } catch {
            throw Broken(
                "a catalogue's compiled form is read: \(error.errors.first?.phrase.en ?? "")")
        }
        try demand(again.digest == catalogue.digest, "a catalogue keeps its digest")
        try demand(again.eventTypes == catalogue.eventTypes, "a catalogue keeps its types")
        for type in catalogue.eventTypes {
            let example = catalogue.example(of: type).canonicalBytes
            try demand((try? JSONValue(parsing: example)) != nil, "an example is JSON")
        }
    }

    /// The files in `bytes`; what stands before the first path belongs to `catalogue.yaml`.
    private static func files(_ bytes: UnsafeRawBufferPointer) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var path = "catalogue.yaml"
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.starts(with: "%% ".utf8) {
                path = String(decoding: line.dropFirst(3), as: UTF8.self)
            } else {
                files[path, default: []] += line + [0x0A]
            }
        }
        return files
    }

    /// A mapping for an import, then rows that it may fit.
    static let mapping = FuzzTarget("mapping", byteCountMax: 8192, dictionary: mappingWords) {
        (bytes) throws(Broken) in
        let mapping: ImportMapping
        do throws(MappingErrors) {
            mapping = try ImportMapping(name: "m.yaml", yaml: Array(bytes))
        } catch {
            try demand(!error.errors.isEmpty, "a refused mapping is told why")
            return .refused
        }
        try judgeRows(rows(mapping.form), mapping)
        return .read
    }

    private static func rows(_ form: ImportMapping.Form) -> [UInt8] {
        let text =
            switch form {
            case .xes:
                #"<log><trace><string key="concept:name" value="A1"/><event>"#
                    + #"<string key="concept:name" value="a"/><int key="n" value="1"/>"#
                    + #"<date key="time:timestamp" value="2006-07-24T00:00:00+02:00"/>"#
                    + "</event></trace></log>"
            case .csv: "c,a,t,n,who\nA1,a,2025-03-04,12.5,P-1\nA1,b,,x,\n\"A 2\",a,2025.3.4,,\n"
            case .ndjson, .cloudevents:
                #"{"c":"A1","a":"a","t":"2025-03-04","n":12.5,"who":"P-1"}"# + "\n"
                    + #"{"c":"A 2","a":"b","t":"二〇二五年三月四日","n":"1,000"}"# + "\n"
            }
        return Array(text.utf8)
    }

    /// What `ledger.yaml` says.
    static let settings = FuzzTarget("settings", byteCountMax: 512, dictionary: settingsWords) {
        (bytes) throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        let settings: LedgerSettings
        do throws(LedgerError) {
            settings = try LedgerSettings(text: text, path: "ledger.yaml")
        } catch {
            try demand(!error.phrases.isEmpty, "refused settings are told why")
            return .refused
        }
        _ = settings.storeOptions
        return .read
    }
}

extension FuzzTarget {
    private static let settingsWords = [
        "format: 1\n", "origin: ", "store: file\n", "language: zh\n", "segmentBytes: ",
        "indexRunEntries: ", "!!int ", "0x", "1e9", ".inf", "&a ", "*a", "<<: ",
    ]

    private static let words = [
        "%% catalogue.yaml\n", "%% common.yaml\n", "%% laws.yaml\n", "%% roles.yaml\n",
        "%% plan.yaml\n", "%% enumerations.yaml\n", "%% procedures/fine.yaml\n", "&a ", "*a",
        "<<: ",
        "!!binary ", "- {", "procedure: ", "events:\n", "fields:\n", "title: {en: ", "zh: ",
        "stage: ",
        "participants:\n", "role: ", "type: ", "rules:\n", "deadlines:\n", "\"procedures\":[",
        "\"events\":[", "\"fields\":[", "\"format\":1", "pattern: ", "enumeration: ", "minimum: ",
    ]

    private static let mappingWords = [
        "import: 1\n", "form: xes\n", "form: csv\n", "form: ndjson\n", "form: cloudevents\n",
        "source: https://x.example\n", "stream: \"p/{c}\"\n", "id: \"{@case}-{@n}\"\n",
        "activity: \"{a}\"\n", "time: {from: \"{t}\", zone: \"+08:00\"}\n", "formats: [", "rfc3339",
        "precision: day", "absent: [", "ignore: [", "operator: {person: ", "unit: ", "events:\n",
        "type: p.a", "fields:\n", "{from: n, as: ", "fen", "integer", "percent", "boolean", "date",
        "instant", "organisation", "split: ", "values: {", "otherwise: ", "prefix: ", "replace:\n",
        "participants:\n", "evidence: ", "legalBasis:\n", "csv: {encoding: gb18030",
        "delimiter: tab",
        "columns: [", "{@row}", "{{", "}}", "strangers: ",
    ]
}
