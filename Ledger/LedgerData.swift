private import CLedgerFiles

/// The bureau's procedures, rules and calendar, embedded in the binary.
package enum LedgerData {
    /// The default catalogue, by path relative to its folder.
    package static var catalogueFiles: [String: [UInt8]] {
        let folder = "catalogue/"
        let files = files.filter { $0.path.hasPrefix(folder) }
            .map { (String($0.path.dropFirst(folder.count)), $0.bytes) }
        return Dictionary(uniqueKeysWithValues: files)
    }

    /// The default catalogue in its compiled form, which is read in a fifth of the time.
    ///
    /// `./dev generate` makes it; a test compares it with ``catalogueFiles``.
    package static var compiledCatalogue: [UInt8] { file("compiled/catalogue.json") }

    /// Fictitious events of the three procedures, one CloudEvent a line.
    package static var sample: [UInt8] { file("samples/sample.ndjson") }

    /// China's days off and make-up workdays, 2021 to 2026.
    package static var calendar: [UInt8] { file("calendar/cn.json") }

    /// The HTTP service for machines: Specs/openapi.yaml.
    package static var openAPI: [UInt8] { file("openapi.yaml") }

    /// The second reader, for whoever has no Hanqing: Specs/verify.py.
    package static var reader: [UInt8] { file("verify.py") }

    private static func file(_ path: String) -> [UInt8] {
        files.first { $0.path == path }?.bytes ?? []
    }

    private static var files: [(path: String, bytes: [UInt8])] {
        UnsafeBufferPointer(start: ledgerFiles, count: ledgerFileCount).map { file in
            (
                String(cString: file.path),
                Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
            )
        }
    }
}
