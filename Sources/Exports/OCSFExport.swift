import CanonicalJSON
package import Catalogue
import Digests
import Phrases
import Records

/// OCSF base events with the profile `record_integrity`: Specs/exports.md section 6.
package final class OCSFExport {
    private let source: ExportSource
    private let sink: any ByteSink
    private let authority: String
    private let chain: String
    private let productVersion: String
    private var previous: (uid: String, fingerprint: JSONValue)?
    package private(set) var lineCount: UInt64 = 0

    private static let typeID: Int64 = 99
    /// The profile was taken into the schema after 1.8.
    private static let schemaVersion = "1.9.0-dev"

    /// `part` is the stream or procedure whose records alone are exported.
    package init(
        _ source: ExportSource, authority: String, part: String?, productVersion: String,
        to sink: any ByteSink
    ) {
        (self.source, self.sink, self.authority) = (source, sink, authority)
        chain = source.origin + (part.map { "#" + $0 } ?? "")
        self.productVersion = productVersion
    }

    /// Takes the line of a record; `catalogue` was in force at it.
    package func take(_ line: [UInt8], _ catalogue: EventCatalogue) throws(ExportError) {
        guard let root = try? JSONValue(parsing: line),
            let header = root["chain"] ?? root["withheld"], let sequence = header["seq"]?.integer
        else {
            throw ExportError(
                en: "a line is no record; run hanqing verify", zh: "有一行不是记录；请运行 hanqing verify")
        }
        let uid = source.name(of: UInt64(clamping: sequence))
        let event = members(root, header, sequence, line, catalogue)
        var attestation: [JSONMember] = [
            JSONMember("authority_uid", .string(authority)),
            JSONMember("chain_uid", .string(chain)),
            JSONMember("uid", .string("\(chain)/\(sequence)")),
        ]
        if let previous {
            attestation.append(
                JSONMember(
                    "prev_event",
                    [
                        "uid": .string(previous.uid), "type_uid": .integer(OCSFExport.typeID),
                        "fingerprint": previous.fingerprint,
                    ]))
        }
        let unsigned = OCSFExport.event(event, attestation)
        let fingerprint = OCSFExport.fingerprint(unsigned.canonicalBytes, serialization: "JCS", 2)
        attestation.append(JSONMember("fingerprint", fingerprint))
        try sink.write(OCSFExport.event(event, attestation).canonicalBytes + [0x0A])
        previous = (uid, fingerprint)
        lineCount += 1
    }

    private static func event(_ members: [JSONMember], _ attestation: [JSONMember]) -> JSONValue {
        .object(members + [JSONMember("attestation_list", [.object(attestation)])])
    }

    private func members(
        _ root: JSONValue, _ header: JSONValue, _ sequence: Int64, _ line: [UInt8],
        _ catalogue: EventCatalogue
    ) -> [JSONMember] {
        let stub = root["withheld"]
        let type = root["event"]?["type"]?.string ?? "withheld"
        let title = catalogue.title(ofType: type)
        let recorded = milliseconds(header["recorded"]?.string) ?? 0
        let time = milliseconds(root["event"]?["time"]?.string) ?? recorded
        let stream = root["event"]?["subject"]?.string ?? stub?["stream"]?.string ?? ""
        let revision = (root["intake"] ?? stub)?["revision"]?.integer ?? 0
        let leaf = stub?["leafHash"]?.string ?? SHA256.digest(of: [0] + line).hex
        let metadata: JSONValue = [
            "log_name": .string(source.origin), "logged_time": .integer(recorded),
            "product": [
                "name": "Hanqing", "vendor_name": "Hanqing", "version": .string(productVersion),
            ],
            "profiles": ["record_integrity"], "sequence": .integer(sequence),
            "uid": .string(source.name(of: UInt64(clamping: sequence))),
            "version": .string(OCSFExport.schemaVersion),
        ]
        return [
            JSONMember("activity_id", .integer(OCSFExport.typeID)),
            JSONMember("activity_name", .string(type)),
            JSONMember("category_uid", 0), JSONMember("class_uid", 0),
            JSONMember("message", .string(title.map { "\($0.zh) \($0.en)" } ?? type)),
            JSONMember("metadata", metadata),
            JSONMember("raw_data", .string(String(decoding: line, as: UTF8.self))),
            JSONMember(
                "raw_data_hash", OCSFExport.fingerprint(line, serialization: "Flat", 1)),
            JSONMember("severity_id", 1), JSONMember("time", .integer(time)),
            JSONMember("type_uid", .integer(OCSFExport.typeID)),
            JSONMember(
                "unmapped",
                [
                    "leaf_hash": .string(leaf), "revision": .integer(revision),
                    "stream": .string(stream), "withheld": .bool(stub != nil),
                ]),
        ]
    }

    private static func fingerprint(
        _ bytes: [UInt8], serialization name: String, _ id: Int64
    ) -> JSONValue {
        [
            "algorithm": "SHA-256", "algorithm_id": 3, "encoding": "Hex", "encoding_id": 1,
            "serialization": .string(name), "serialization_id": .integer(id),
            "value": .string(SHA256.digest(of: bytes).hex),
        ]
    }

    private func milliseconds(_ time: String?) -> Int64? {
        time.flatMap { Array($0.utf8).withUnsafeBytes { ZonedTime($0)?.moment } }
            .map { $0.microseconds / 1_000 }
    }
}
