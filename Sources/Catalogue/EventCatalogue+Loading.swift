import CanonicalJSON
import Phrases

extension EventCatalogue {
    /// Reads the YAML files of a catalogue, by path relative to its folder.
    ///
    /// Throws everything that is wrong with them. Specs/catalogue.md section 1.
    package convenience init(files: [String: [UInt8]]) throws(CatalogueErrors) {
        let reading = CatalogueReading()
        let root = CatalogueFolder(reading).assemble(files)
        guard reading.errors.isEmpty, let root else { throw CatalogueErrors(reading.errors) }
        try self.init(root: root, compiled: root.json.canonicalBytes, reading)
    }

    /// Reads the compiled form back.
    package convenience init(compiled bytes: [UInt8]) throws(CatalogueErrors) {
        let reading = CatalogueReading()
        guard let root = EventCatalogue.root(compiled: bytes, reading) else {
            throw CatalogueErrors(reading.errors)
        }
        try self.init(root: root, compiled: bytes, reading)
    }

    private convenience init(
        root: CatalogueNode, compiled: [UInt8], _ reading: CatalogueReading
    ) throws(CatalogueErrors) {
        let parts = CatalogueDecoder(root, reading).decode()
        guard reading.errors.isEmpty else { throw CatalogueErrors(reading.errors) }
        self.init(parts, compiled: compiled)
    }

    private static func root(compiled bytes: [UInt8], _ reading: CatalogueReading) -> CatalogueNode?
    {
        let start = CataloguePlace(file: "compiled", line: 1, column: 1)
        let reader = JSONReader()
        return bytes.span.bytes.withUnsafeBytes { raw -> CatalogueNode? in
            let view: JSONView
            do throws(JSONError) {
                view = try reader.read(raw)
            } catch {
                let place = CataloguePlace(file: "compiled", line: 1, column: error.offset + 1)
                reading.fail(place, error.phrase.en, error.phrase.zh)
                return nil
            }
            guard view.isCanonicalDocument, let node = CatalogueNode(compiled: view) else {
                reading.fail(
                    start, "this is not the compiled form of a catalogue (canonical JSON)",
                    "不是目录的编译形式（规范 JSON）")
                return nil
            }
            return node
        }
    }
}

/// Puts the files of a folder together into one tree, the one that is compiled.
struct CatalogueFolder {
    /// Files and the keys that they hold at the top, each of which becomes a key of the tree.
    private static let singles: [(path: String, keys: [String])] = [
        ("catalogue.yaml", ["catalogue"]),
        ("laws.yaml", ["laws"]),
        ("roles.yaml", ["roles"]),
        ("plan.yaml", ["measures"]),
        ("enumerations.yaml", ["enumerations", "regions"]),
        ("common.yaml", ["events", "ledger"]),
    ]
    /// Files that a catalogue may lack.
    private static let optionals: [(path: String, key: String)] = [
        ("registers.yaml", "registers"), ("indicators.yaml", "indicators"),
    ]
    static let format: Int64 = 5
    static let keys =
        ["format", "procedures"] + singles.flatMap(\.keys) + optionals.map(\.key)

    private let reading: CatalogueReading

    init(_ reading: CatalogueReading) {
        self.reading = reading
    }

    func assemble(_ files: [String: [UInt8]]) -> CatalogueNode? {
        let place = CataloguePlace(file: "catalogue.yaml", line: 1, column: 1)
        var members: [(name: String, place: CataloguePlace, value: CatalogueNode)] = [
            ("format", place, CatalogueNode(place, .integer(CatalogueFolder.format)))
        ]
        for (path, keys) in CatalogueFolder.singles {
            guard let bytes = files[path] else {
                missing(path)
                continue
            }
            guard let map = read(path, bytes).flatMap(reading.map) else { continue }
            for key in keys {
                if let node = map.need(key) { members.append((key, node.place, node)) }
            }
            map.finish()
        }
        for (path, key) in CatalogueFolder.optionals {
            guard let bytes = files[path], let map = read(path, bytes).flatMap(reading.map)
            else { continue }
            if let node = map.need(key) { members.append((key, node.place, node)) }
            map.finish()
        }
        let procedures = procedures(files)
        members.append(("procedures", place, CatalogueNode(place, .list(procedures))))
        refuseStrangers(files)
        return CatalogueNode(place, .map(members))
    }

    private func missing(_ path: String) {
        reading.fail(
            CataloguePlace(file: path, line: 1, column: 1), "this file is missing", "缺少此文件")
    }

    /// In order of their ids, so that a file's name does not change the digest.
    private func procedures(_ files: [String: [UInt8]]) -> [CatalogueNode] {
        let paths = files.keys.filter(isProcedure).sorted()
        if paths.isEmpty { missing("procedures/<id>.yaml") }
        let nodes = paths.compactMap { path in files[path].flatMap { read(path, $0) } }
        for node in nodes {
            let id = node["procedure"]?.text ?? ""
            guard !id.isEmpty, node.place.file != "procedures/\(id).yaml" else { continue }
            reading.fail(
                node["procedure"]?.place ?? node.place,
                "the procedure \"\(id)\" stands in the file procedures/\(id).yaml",
                "程序“\(id)”应放在文件 procedures/\(id).yaml 中")
        }
        return nodes.sorted {
            ($0["procedure"]?.text ?? "") < ($1["procedure"]?.text ?? "")
        }
    }

    private func isProcedure(_ path: String) -> Bool {
        path.hasPrefix("procedures/") && path.hasSuffix(".yaml")
    }

    private func refuseStrangers(_ files: [String: [UInt8]]) {
        for path in files.keys.sorted() where !isProcedure(path) {
            guard !CatalogueFolder.singles.contains(where: { $0.path == path }),
                !CatalogueFolder.optionals.contains(where: { $0.path == path })
            else { continue }
            reading.fail(
                CataloguePlace(file: path, line: 1, column: 1),
                "a catalogue has no such file; a procedure stands in procedures/<id>.yaml",
                "目录中没有此文件；程序文件应为 procedures/<标识>.yaml")
        }
    }

    private func read(_ path: String, _ bytes: [UInt8]) -> CatalogueNode? {
        var file = CatalogueFile(path: path)
        do {
            return try file.read(bytes)
        } catch {
            reading.add(error)
            return nil
        }
    }
}
