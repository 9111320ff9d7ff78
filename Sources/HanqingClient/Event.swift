import CanonicalJSON
import Foundation
import Phrases

/// An event to be recorded: CloudEvents 1.0 as Specs/record.md section 2 has it.
///
/// The service judges whether it is sound; here it is only what is sent.
public struct Event: Hashable, Sendable {
    /// One with ``source`` over the whole ledger, for ever: the same act has the same id, however
    /// often it is sent.
    public let id: String
    /// The system that it comes from, a URI reference.
    public let source: String
    /// The event as it is sent: canonical JSON (RFC 8785), UTF-8.
    public let json: [UInt8]

    /// An event from its JSON, UTF-8.
    public init(json: some Sequence<UInt8>) throws(ClientError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: json)
        } catch {
            throw ClientError.misused(error.phrase)
        }
        guard let id = value["id"]?.string, let source = value["source"]?.string else {
            throw ClientError.misused(
                Phrase(en: "an event has an id and a source", zh: "事件须有 id 和 source"))
        }
        (self.id, self.source, self.json) = (id, source, value.canonicalBytes)
    }

    /// An event of its parts.
    ///
    /// `type` is `<procedure>.<event>`, such as `penalty.filed`, and `stream` is
    /// `<procedure>/<case id>`; `time` is when it happened, RFC 3339 with an offset, recorded as it
    /// is written; `data` is an object with the fields that the catalogue names for the type;
    /// `attributes` are further ones that are strings, such as `causationid`.
    public init(
        id: String, source: String, type: String, stream: String, time: String,
        data: some Encodable, attributes: [String: String] = [:]
    ) throws(ClientError) {
        let fields: Data
        do {
            fields = try JSONEncoder().encode(data)
        } catch {
            throw ClientError.misused(
                Phrase(
                    en: "the data cannot be written as JSON: \(error)",
                    zh: "数据无法写成 JSON：\(error)"))
        }
        do throws(JSONError) {
            let known = [
                ("specversion", "1.0"), ("id", id), ("source", source), ("type", type),
                ("subject", stream), ("time", time),
            ]
            let texts = known + attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let members = texts.map { JSONMember($0.0, .string($0.1)) }
            let data = JSONMember("data", try JSONValue(parsing: fields))
            (self.id, self.source) = (id, source)
            json = JSONValue.object(members + [data]).canonicalBytes
        } catch {
            throw ClientError.misused(error.phrase)
        }
    }
}
