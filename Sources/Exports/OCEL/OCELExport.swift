/// Where OCEL's events and objects are written, events first.
protocol OCELOutput: AnyObject {
    func beginEvents() throws(ExportError)
    func write(_ event: OCELEvent) throws(ExportError)
    func beginObjects() throws(ExportError)
    func write(_ object: OCELObject) throws(ExportError)
    func finish() throws(ExportError)
}

/// OCEL 2.0, as JSON or SQLite: Specs/exports.md section 3.
package final class OCELExport: CaseExport {
    private let model: OCELModel
    private let output: any OCELOutput
    /// Cases that links name, as far as they have not been listed.
    private var named: Set<String> = []
    /// Other objects that are listed.
    private var listed: Set<String> = []
    package private(set) var eventCount: UInt64 = 0
    package private(set) var objectCount: UInt64 = 0

    private init(_ source: ExportSource, _ output: any OCELOutput) {
        (model, self.output) = (OCELModel(source: source), output)
    }

    package convenience init(json sink: any ByteSink, _ source: ExportSource) {
        self.init(source, OCELJSON(sink))
    }

    /// `path` must not exist; the caller gives the file its name.
    package convenience init(sqlite path: String, _ source: ExportSource) throws(ExportError) {
        self.init(source, try OCELSQLite(path))
    }

    package var passCount: Int { 2 }

    package func begin(_ pass: Int) throws(ExportError) {
        pass == 0 ? try output.beginEvents() : try output.beginObjects()
    }

    package func take(_ file: ExportedCase, _ pass: Int) throws(ExportError) {
        if pass == 0 {
            for event in model.events(of: file) {
                try output.write(event)
                eventCount += 1
            }
            for link in model.links(of: file) { named.insert(link.object) }
            return
        }
        named.remove(file.stream)
        try write(model.object(of: file))
        for object in model.others(of: file) where listed.insert(object.id).inserted {
            try write(object)
        }
    }

    package func end(_ pass: Int) throws(ExportError) {
        guard pass == 1 else { return }
        // Named by a link and not exported themselves: a relation must have two ends.
        for stream in named.sorted() {
            let type = OCELModel.type(of: stream.prefix { $0 != "/" })
            try write(OCELObject(id: stream, type: type))
        }
        try output.finish()
    }

    private func write(_ object: OCELObject) throws(ExportError) {
        try output.write(object)
        objectCount += 1
    }
}
