import CanonicalJSON
import Phrases

/// Reads NDJSON: one object a line, whose members are the attributes.
///
/// A member of an object within is called `outer.inner`, an element of a list `list.0`. Numbers
/// keep the spelling of the file, so that an amount is read to the last digit.
struct NDJSONReader: RowReader {
    private let lines: LineSource
    private let names: NameTable

    init(_ bytes: ByteSource, names: NameTable) {
        lines = LineSource(bytes)
        self.names = names
    }

    func read(_ body: (inout SourceRow) -> Bool) throws(ImportError) {
        let reader = JSONReader(byteCountMax: LineSource.lineBytesMax)
        var row = SourceRow(names)
        while let line = try lines.next() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            row.clear()
            row.place = SourcePlace(line: lines.line)
            NDJSONReader.take(line, reader, &row)
            guard body(&row) else { return }
        }
    }

    private static func take(
        _ line: UnsafeRawBufferPointer, _ reader: JSONReader, _ row: inout SourceRow
    ) {
        do throws(JSONError) {
            let view = try reader.read(line)
            guard view.kind == .object else {
                return row.fail("the line is not a JSON object", "该行不是 JSON 对象")
            }
            take(view, prefix: "", &row)
        } catch {
            row.fail(error.phrase.en, error.phrase.zh)
        }
    }

    private static func take(_ view: JSONView, prefix: String, _ row: inout SourceRow) {
        switch view.kind {
        case .object:
            for (name, value) in view.members {
                take(value, prefix: join(prefix, name.string ?? ""), &row)
            }
        case .array:
            for (place, element) in view.elements.enumerated() {
                take(element, prefix: join(prefix, String(place)), &row)
            }
        case .null: break
        case .string: row.set(prefix, view.string ?? "")
        case .number, .true, .false:
            row.set(prefix, String(decoding: view.rawBytes, as: UTF8.self))
        }
    }

    private static func join(_ prefix: String, _ name: String) -> String {
        prefix.isEmpty ? name : "\(prefix).\(name)"
    }
}
