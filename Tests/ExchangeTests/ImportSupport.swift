import CanonicalJSON
import Exchange
import Foundation
import Records
import Synchronization

/// Files of `Tests/Fixtures`.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    static func path(_ name: String) -> String {
        folder.appending(path: name).path(percentEncoded: false)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    static func mapping(_ name: String) throws -> ImportMapping {
        try ImportMapping(name: name, yaml: bytes(name))
    }

    /// The YAML files of a catalogue's folder, by path relative to it.
    static func catalogueFiles(_ name: String) throws -> [String: [UInt8]] {
        let root = path(name)
        var files: [String: [UInt8]] = [:]
        for file in try FileManager.default.subpathsOfDirectory(atPath: root)
        where file.hasSuffix(".yaml") {
            files[file] = try bytes("\(name)/\(file)")
        }
        return files
    }
}

/// A file that is gone when the body returns.
func withFile<Result>(
    _ bytes: some Sequence<UInt8>, isolation: isolated (any Actor)? = #isolation,
    _ body: (String) async throws -> Result
) async throws -> Result {
    let url = FileManager.default.temporaryDirectory
        .appending(path: "hanqing-import-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path(percentEncoded: false))
}

/// Keeps what is submitted; an event that it has had already, by source and id, is a repeat.
final class KeepingSink: ImportSink {
    private struct State {
        var events: [[UInt8]] = []
        var known: [String: [UInt8]] = [:]
        var submissionsLeft: Int
    }

    struct Broken: Error {}

    private let state: Mutex<State>

    init(breaksAfter submissions: Int = .max) {
        state = Mutex(State(submissionsLeft: submissions))
    }

    var events: [[UInt8]] { state.withLock { $0.events } }
    var texts: [String] { events.map { String(decoding: $0, as: UTF8.self) } }

    func mend() { state.withLock { $0.submissionsLeft = .max } }

    func submit(_ events: [[UInt8]], places: [SourcePlace]) throws -> [ImportOutcome] {
        try state.withLock { state in
            guard state.submissionsLeft > 0 else { throw Broken() }
            state.submissionsLeft -= 1
            return events.map { KeepingSink.take($0, &state) }
        }
    }

    private static func take(_ bytes: [UInt8], _ state: inout State) -> ImportOutcome {
        do {
            let reader = JSONReader()
            let event = try bytes.withUnsafeBytes { try CloudEvent(reader.read($0)) }
            let key = "\(event.text(event.source)) \(event.text(event.id))"
            if let known = state.known[key] {
                return known == bytes
                    ? .repeated : .refused([Refusal(.conflict, en: "differs", zh: "不同")])
            }
            state.known[key] = bytes
            state.events.append(bytes)
            return .recorded
        } catch let error as EventRefused {
            return .refused(error.refusals)
        } catch {
            return .refused([Refusal(.malformed, en: "\(error)", zh: "\(error)")])
        }
    }
}

/// What came of importing `bytes`.
struct Imported {
    let report: ImportReport
    let texts: [String]

    init(_ bytes: some Sequence<UInt8>, _ mapping: ImportMapping) async throws {
        let sink = KeepingSink()
        report = try await withFile(bytes) {
            try await Importer.run(file: $0, mapping: mapping, sink: sink)
        }
        texts = sink.texts
    }

    /// `code: count` of what was refused.
    var refused: [String] { report.refusedKinds.map { "\($0.code): \($0.count)" } }
}
