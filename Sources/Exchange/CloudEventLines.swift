import CanonicalJSON
import Digests
import Phrases

/// Reads lines that are CloudEvents already and makes late entries of them.
///
/// `asserted` becomes true and `correlationid` the batch. Everything else stays as it is and is
/// judged by the ledger.
final class CloudEventLines {
    private let lines: LineSource
    private let batch: JSONValue
    private var streams: Set<UInt64> = []

    /// What the importer sets, and what only a live producer can say.
    private static let set = ["asserted", "correlationid"]
    private static let dropped = ["traceparent", "tracestate"]
    private static let key = ShortHash(high: 0x6c69_6e65_7320_6f66, low: 0x6576_656e_7473_2e2e)

    init(_ bytes: ByteSource, batch: String) {
        lines = LineSource(bytes)
        self.batch = .string(batch)
    }

    var streamCount: Int { streams.count }

    /// Gives each line's event to `body` until it answers false or the file ends.
    func read(_ body: (EventMaker.Made, SourcePlace) -> Bool) throws(ImportError) {
        let reader = JSONReader(byteCountMax: LineSource.lineBytesMax)
        while let line = try lines.next() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            guard body(make(line, reader), SourcePlace(line: lines.line)) else { return }
        }
    }

    private func make(_ line: UnsafeRawBufferPointer, _ reader: JSONReader) -> EventMaker.Made {
        do throws(JSONError) {
            let view = try reader.read(line)
            guard view.kind == .object else {
                return .refused(
                    RowRefusal(
                        .malformed, en: "the line is not a JSON object", zh: "该行不是 JSON 对象"))
            }
            if let refusal = refusal(view) { return .refused(refusal) }
            if let subject = view["subject"] {
                streams.insert(SipHash.hash(subject.utf8, key: CloudEventLines.key).low)
            }
            return .event(event(view))
        } catch {
            return .refused(RowRefusal(.malformed, en: error.phrase.en, zh: error.phrase.zh))
        }
    }

    private func refusal(_ view: JSONView) -> RowRefusal? {
        if view["expectedrevision"] != nil {
            return RowRefusal(
                .malformed, en: "a late entry cannot say expectedrevision; remove it",
                zh: "补录事件不能带 expectedrevision，请删去")
        }
        if let asserted = view["asserted"], asserted.bool != true {
            return RowRefusal(
                .malformed, en: "a late entry is asserted; remove asserted or make it true",
                zh: "补录事件为既成事实，请删去 asserted 或改为 true")
        }
        if let own = view["correlationid"], own.string != batch.string {
            return RowRefusal(
                .malformed, en: "correlationid is the batch of the import; remove it",
                zh: "correlationid 为补录批次编号，请删去")
        }
        return nil
    }

    private func event(_ view: JSONView) -> [UInt8] {
        var members: [JSONMember] = [
            JSONMember("asserted", true), JSONMember("correlationid", batch),
        ]
        for (name, value) in view.members {
            let name = name.string ?? ""
            if CloudEventLines.set.contains(name) || CloudEventLines.dropped.contains(name) {
                continue
            }
            members.append(JSONMember(name, JSONValue(value)))
        }
        return JSONValue.object(members).canonicalBytes
    }
}
