import Digests
import Phrases
import Yams

extension ImportMapping {
    /// A mapping larger than this is refused before it is parsed.
    private static let byteCountMax = 4 << 20
    /// The version of the format that is read.
    private static let format = "1"

    /// Reads a mapping's YAML, or says all that is wrong with it; `name` is for messages.
    package init(name: String, yaml bytes: [UInt8]) throws(MappingErrors) {
        let reading = MappingReading(name)
        let root = ImportMapping.compose(bytes, reading)
        guard let root, let block = reading.block(root) else {
            throw MappingErrors(reading.errors)
        }
        if block.needText("import") != ImportMapping.format {
            reading.fail(
                root, "this program reads mappings of the format \"import: 1\"",
                "本程序读取格式为“import: 1”的映射")
        }
        _ = block.text("note")
        let form = block.need("form").flatMap { reading.word($0, Form.self) } ?? .xes
        let csv = form == .csv ? ImportMapping.csv(block, reading) : CSVOptions()
        var decoder = MappingDecoder(reading)
        let plan = form == .cloudevents ? nil : decoder.plan(block)
        block.finish()
        guard reading.errors.isEmpty else { throw MappingErrors(reading.errors) }
        self.init(
            name: name, digest: SHA256.digest(of: bytes), form: form, csv: csv, plan: plan)
    }

    private static func compose(_ bytes: [UInt8], _ reading: MappingReading) -> Node? {
        guard bytes.count <= byteCountMax, let text = String(validating: bytes, as: UTF8.self)
        else {
            reading.fail(
                1, 1, "a mapping is UTF-8 of at most 4 MiB", "映射应为不超过 4 MiB 的 UTF-8 文件")
            return nil
        }
        do {
            if let root = try Yams.compose(yaml: text) { return root }
            reading.fail(1, 1, "the file is empty", "文件为空")
        } catch let error as YamlError {
            fail(error, reading)
        } catch {
            reading.fail(1, 1, "the file is not YAML", "文件不是 YAML")
        }
        return nil
    }

    private static func fail(_ error: YamlError, _ reading: MappingReading) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            reading.fail(
                mark.line, mark.column, "not YAML: \(problem)", "不符合 YAML 语法：\(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            reading.fail(
                context.mark.line, context.mark.column,
                "key given twice in this block: \(keys.joined(separator: ", "))",
                "此处同一键出现两次：\(keys.joined(separator: "、"))")
        default:
            reading.fail(1, 1, "not YAML: \(error)", "不符合 YAML 语法：\(error)")
        }
    }

    private static func csv(_ block: MappingBlock, _ reading: MappingReading) -> CSVOptions {
        var options = CSVOptions()
        guard let node = block["csv"], let csv = reading.block(node) else { return options }
        options.encoding = csv.word("encoding", SourceEncoding.self) ?? .utf8
        if let text = csv["delimiter"], let delimiter = reading.text(text) {
            let bytes = Array(delimiter == "tab" ? "\t".utf8 : delimiter.utf8)
            if bytes.count == 1, bytes[0] < 0x80, !Array("\"\r\n".utf8).contains(bytes[0]) {
                options.delimiter = bytes[0]
            } else {
                reading.fail(
                    text, "a delimiter is one ASCII character or \"tab\"",
                    "分隔符应为一个 ASCII 字符或“tab”")
            }
        }
        let columns = csv.texts("columns")
        options.columns = columns.isEmpty ? nil : columns
        csv.finish()
        return options
    }
}
