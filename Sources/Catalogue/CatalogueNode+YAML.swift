import Phrases
import Yams

/// Reads one YAML file, without what a catalogue does not need: anchors, tags, null, fractions.
struct CatalogueFile {
    /// A file larger than this is refused before it is parsed.
    static let byteCountMax = 4 << 20
    /// Nodes in one file; repeated aliases reach it quickly.
    private static let nodeCountMax = 400_000

    let path: String
    private var nodeCount = 0

    init(path: String) {
        self.path = path
    }

    mutating func read(_ bytes: [UInt8]) throws(CatalogueError) -> CatalogueNode {
        guard bytes.count <= CatalogueFile.byteCountMax else {
            throw error(1, 1, "the file is over 4 MiB", "文件超过 4 MiB")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error(1, 1, "the file is not valid UTF-8", "文件不是有效的 UTF-8")
        }
        do {
            guard let root = try Yams.compose(yaml: text) else {
                throw error(1, 1, "the file is empty", "文件为空")
            }
            return try node(root)
        } catch let error as CatalogueError {
            throw error
        } catch let error as YamlError {
            throw self.error(of: error)
        } catch {
            throw self.error(1, 1, "the file is not YAML", "文件不是 YAML")
        }
    }

    private mutating func node(_ node: Node) throws(CatalogueError) -> CatalogueNode {
        let place = place(node)
        nodeCount += 1
        guard nodeCount <= CatalogueFile.nodeCountMax else {
            throw CatalogueError(
                place, Phrase(en: "too many values in one file", zh: "单个文件中的值过多"))
        }
        switch node {
        case .scalar(let scalar):
            return CatalogueNode(place, try content(scalar, place))
        case .sequence(let sequence):
            var elements: [CatalogueNode] = []
            for element in sequence { elements.append(try self.node(element)) }
            return CatalogueNode(place, .list(elements))
        case .mapping(let mapping):
            var members: [(name: String, place: CataloguePlace, value: CatalogueNode)] = []
            for (name, value) in mapping {
                guard let text = name.scalar?.string else {
                    throw CatalogueError(
                        self.place(name), Phrase(en: "a key must be a word", zh: "键应为文字"))
                }
                members.append((text, self.place(name), try self.node(value)))
            }
            return CatalogueNode(place, .map(members))
        case .alias:
            throw CatalogueError(
                place,
                Phrase(en: "anchors and aliases are not used here", zh: "此处不使用锚点和别名"))
        }
    }

    /// Only plain `true`, `false` and whole numbers are anything but text.
    private func content(
        _ scalar: Node.Scalar, _ place: CataloguePlace
    ) throws(CatalogueError) -> CatalogueNode.Content {
        guard scalar.style == .plain || scalar.style == .any else { return .text(scalar.string) }
        switch scalar.string {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "", "~", "null":
            throw CatalogueError(
                place, Phrase(en: "the value is missing", zh: "缺少值"))
        default: break
        }
        if let number = Int64(scalar.string), String(number) == scalar.string {
            return .integer(number)
        }
        return .text(scalar.string)
    }

    private func place(_ node: Node) -> CataloguePlace {
        CataloguePlace(file: path, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    private func error(_ line: Int, _ column: Int, _ en: String, _ zh: String) -> CatalogueError {
        CatalogueError(
            CataloguePlace(file: path, line: line, column: column), Phrase(en: en, zh: zh))
    }

    private func error(of error: YamlError) -> CatalogueError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.error(mark.line, mark.column, "not YAML: \(problem)", "不符合 YAML 语法：\(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.error(
                context.mark.line, context.mark.column,
                "key given twice in this block: \(duplicates.joined(separator: ", "))",
                "此处同一键出现两次：\(duplicates.joined(separator: "、"))")
        default:
            self.error(1, 1, "not YAML: \(error)", "不符合 YAML 语法：\(error)")
        }
    }
}
