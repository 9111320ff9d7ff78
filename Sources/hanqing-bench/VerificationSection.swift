import AuditSources
import Auditing
import Checkpoints
import Digests
import Foundation

/// Quick and full verification of a ledger in a folder, as `hanqing verify` does them.
struct VerificationSection {
    private let folder: String
    private let key: VerifierKey

    private static let targets: [AuditMode: String] = [
        .quick: "80 %, at least 60 %", .full: "40 %",
    ]

    init(_ folder: String, _ key: VerifierKey) {
        (self.folder, self.key) = (folder, key)
    }

    func run(_ report: inout Report) async throws {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        for mode in [AuditMode.quick, .full] {
            for workers in Set([1, cores]).sorted() {
                let limit = workers == 1 ? RawLog.oneCore : RawLog.allCores
                report.add(
                    Figure(
                        "verification",
                        VerificationSection.figure(mode, workers),
                        try await verify(mode, workers: workers), "records/s",
                        of: report.limit(RawLog.name, limit),
                        target: workers == cores ? VerificationSection.targets[mode] : nil))
            }
        }
    }

    /// What a rate is called.
    static func figure(_ mode: AuditMode, _ workers: Int) -> String {
        "\(mode.rawValue), \(workers == 1 ? "1 core" : "\(workers) cores")"
    }

    /// An auditor who was given the key.
    static func options(_ key: VerifierKey) -> Auditor.Options {
        let random = RandomBytes.make(count: 16).withUnsafeBytes {
            $0.load(as: (UInt64, UInt64).self)
        }
        var options = Auditor.Options(hashKey: ShortHash(high: random.0, low: random.1))
        options.key = key
        return options
    }

    /// Verifies everything; gives records a second.
    private func verify(_ mode: AuditMode, workers: Int) async throws -> Double {
        var options = VerificationSection.options(key)
        options.workers = workers
        let sources = try Auditor.Sources(ledger: folder, memory: nil, scratch: folder)
        let clock = ContinuousClock()
        let start = clock.now
        let found = try await Auditor(sources, options).run(mode: mode)
        let time = (clock.now - start).inSeconds
        guard found.isSound else {
            throw BenchError("the ledger does not verify: \(found.findings.prefix(3))")
        }
        return Double(found.records) / time
    }
}
