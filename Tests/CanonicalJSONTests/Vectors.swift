import CanonicalJSON
import Foundation

/// The folder `Specs/vectors`.
let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Specs/vectors")

func files(in folder: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
        at: vectors.appending(path: folder), includingPropertiesForKeys: nil
    ).sorted { $0.lastPathComponent < $1.lastPathComponent }
}

/// The canonical form of `bytes`, by the reader and the writer.
func canonicalised(_ bytes: [UInt8]) throws(JSONError) -> [UInt8] {
    let reader = JSONReader()
    return try bytes.span.bytes.withUnsafeBytes { (raw) throws(JSONError) -> [UInt8] in
        var output: [UInt8] = []
        CanonicalWriter.write(try reader.read(raw), to: &output)
        return output
    }
}

/// Whether the reader says that `bytes` are canonical already.
func isCanonical(_ bytes: [UInt8]) throws(JSONError) -> Bool {
    let reader = JSONReader()
    return try bytes.span.bytes.withUnsafeBytes { (raw) throws(JSONError) -> Bool in
        try reader.read(raw).isCanonicalDocument
    }
}
