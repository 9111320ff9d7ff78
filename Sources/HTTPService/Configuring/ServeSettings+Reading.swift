import DurableFiles
import Yams

extension ServeSettings {
    private static let byteCountMax = 1 << 20

    // MARK: - The environment

    /// Reads `HANQING_SERVE_…`; a variable that means nothing here is a fault.
    package static func reading(
        environment: [String: String], _ faults: inout [ServeFault]
    ) -> ServeSettings {
        var settings = ServeSettings()
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("HANQING_SERVE_") {
            let text = Said(value, at: name)
            switch name.dropFirst("HANQING_SERVE_".count) {
            case "CONFIG": break
            case "LISTEN": settings.listen = text
            case "TLS_CERTIFICATE": settings.certificate = text
            case "TLS_KEY": settings.key = text
            case "CLIENT_CA": settings.clientAuthorities = text
            case "PUBLISH": settings.publish = text
            case "PUBLISH_POLICY": settings.publishPolicy = text
            case "LEDGER": settings.ledgers = [NamedLedger(folder: text)]
            case "WITHOUT_TOKENS": settings.withoutTokens = flag(value, name, &faults)
            case "SCRUB": settings.scrub = flag(value, name, &faults)
            default:
                faults.append(
                    ServeFault(name, en: "there is no such setting", zh: "没有这项设置"))
            }
        }
        return settings
    }

    private static func flag(
        _ value: String, _ name: String, _ faults: inout [ServeFault]
    ) -> Said<Bool>? {
        guard let flag = Bool(value) else {
            faults.append(ServeFault(name, en: "expected true or false", zh: "应为 true 或 false"))
            return nil
        }
        return Said(flag, at: name)
    }

    // MARK: - The file

    /// Reads the YAML file at `path`.
    package static func reading(
        file path: String, _ faults: inout [ServeFault]
    ) -> ServeSettings {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.contents(path, limit: byteCountMax + 1)
        } catch {
            faults.append(ServeFault(path, error.phrase))
            return ServeSettings()
        }
        guard let bytes else {
            faults.append(ServeFault(path, en: "there is no such file", zh: "没有该文件"))
            return ServeSettings()
        }
        guard bytes.count <= byteCountMax,
            let text = String(validating: bytes, as: UTF8.self)
        else {
            faults.append(
                ServeFault(
                    path, en: "it is no UTF-8 text of at most 1 MiB", zh: "应为不超过 1 MiB 的 UTF-8 文本"))
            return ServeSettings()
        }
        var reader = ServeFileReader(path: path)
        let settings = reader.settings(text)
        faults += reader.faults
        return settings
    }
}

/// Reads one file of settings, and goes on after a fault to find all of them.
private struct ServeFileReader {
    let path: String
    var faults: [ServeFault] = []

    private typealias Said = ServeSettings.Said
    private typealias Members = [String: Node]

    init(path: String) { self.path = path }

    mutating func settings(_ text: String) -> ServeSettings {
        var settings = ServeSettings()
        guard let root = composed(text),
            let members = self.members(
                root, ["format", "listen", "tls", "withoutTokens", "scrub", "ledgers"])
        else { return settings }
        if members["format"]?.int != 1 {
            fail(members["format"] ?? root, en: "format is 1", zh: "format 应为 1")
        }
        settings.listen = members["listen"].flatMap { word($0) }
        settings.withoutTokens = members["withoutTokens"].flatMap { flag($0) }
        settings.scrub = members["scrub"].flatMap { flag($0) }
        if let node = members["tls"],
            let tls = self.members(node, ["certificate", "key", "clientCA"])
        {
            settings.certificate = tls["certificate"].flatMap { file($0) }
            settings.key = tls["key"].flatMap { file($0) }
            settings.clientAuthorities = tls["clientCA"].flatMap { file($0) }
        }
        settings.ledgers = members["ledgers"].map { ledgers($0) }
        return settings
    }

    private mutating func ledgers(_ node: Node) -> [ServeSettings.NamedLedger] {
        guard case .sequence(let list) = node, !list.isEmpty else {
            fail(node, en: "expected a list of ledgers", zh: "应为账本列表")
            return []
        }
        return list.compactMap { element in
            guard let members = members(element, ["prefix", "ledger", "publish"]) else {
                return nil
            }
            let prefix = members["prefix"].flatMap { word($0) }
            guard let folder = members["ledger"] else {
                fail(element, en: "ledger is missing", zh: "缺少 ledger")
                return nil
            }
            let publish = members["publish"].map { publications($0) } ?? []
            return file(folder).map {
                ServeSettings.NamedLedger(prefix: prefix, folder: $0, publish: publish)
            }
        }
    }

    private mutating func publications(_ node: Node) -> [ServeSettings.NamedPublication] {
        guard case .sequence(let list) = node, !list.isEmpty else {
            fail(node, en: "expected a list of folders to publish into", zh: "应为发布目录列表")
            return []
        }
        return list.compactMap { element in
            guard let members = members(element, ["folder", "policy", "withEntries"]) else {
                return nil
            }
            let policy = members["policy"].flatMap { file($0) }
            let withEntries = members["withEntries"].flatMap { flag($0) }?.value ?? false
            guard let folder = members["folder"] else {
                fail(element, en: "folder is missing", zh: "缺少 folder")
                return nil
            }
            return file(folder).map {
                ServeSettings.NamedPublication(
                    folder: $0, policy: policy, withEntries: withEntries)
            }
        }
    }

    // MARK: - Values

    private mutating func composed(_ text: String) -> Node? {
        do {
            if let root = try Yams.compose(yaml: text) { return root }
            faults.append(ServeFault(path, en: "the file is empty", zh: "文件为空"))
        } catch {
            // Its text begins with line and column.
            let reason = "\(error)".split(separator: "\n").first ?? ""
            faults.append(
                ServeFault(path, en: "not YAML: \(reason)", zh: "不符合 YAML 语法：\(reason)"))
        }
        return nil
    }

    /// The members of a block, none of which has another name than these.
    private mutating func members(_ node: Node, _ names: [String]) -> Members? {
        guard case .mapping(let mapping) = node else {
            fail(
                node, en: "expected a block with \(names.joined(separator: ", "))",
                zh: "应为含 \(names.joined(separator: "、")) 的键值块")
            return nil
        }
        var members: Members = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            if names.contains(name) {
                members[name] = value
            } else {
                fail(
                    key, en: "there is no \(name) here; there are \(names.joined(separator: ", "))",
                    zh: "此处没有 \(name)；可用 \(names.joined(separator: "、"))")
            }
        }
        return members
    }

    private mutating func word(_ node: Node) -> Said<String>? {
        guard let text = node.scalar?.string, !text.isEmpty else {
            fail(node, en: "expected a text", zh: "应为文字")
            return nil
        }
        return Said(text, at: place(node))
    }

    private mutating func flag(_ node: Node) -> Said<Bool>? {
        guard let flag = (node.scalar?.string).flatMap({ Bool($0) }) else {
            fail(node, en: "expected true or false", zh: "应为 true 或 false")
            return nil
        }
        return Said(flag, at: place(node))
    }

    /// A path, relative to the folder of this file.
    private mutating func file(_ node: Node) -> Said<String>? {
        guard let said = word(node) else { return nil }
        guard !said.value.hasPrefix("/") else { return said }
        return Said(DurableFile.parent(path) + "/" + said.value, at: said.place)
    }

    private mutating func fail(_ node: Node, en: String, zh: String) {
        faults.append(ServeFault(place(node), en: en, zh: zh))
    }

    private func place(_ node: Node) -> String {
        node.mark.map { "\(path):\($0.line):\($0.column)" } ?? path
    }
}
