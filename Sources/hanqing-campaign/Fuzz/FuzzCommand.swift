import ArgumentParser
import Foundation
import FuzzTargets
import TestKit

/// Replays the kept corpora of the fuzz targets and goes a little further by chance.
///
/// It needs no special build. An input that ends the process is left in the folder of the run, in
/// a file called `fuzz-<target>`; `./dev fuzz` searches with libFuzzer.
struct FuzzCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Replay the kept inputs of all fuzz targets, and changed ones. 重放模糊测试样本。")

    @OptionGroup var options: CampaignOptions

    @Option(help: "Where the kept inputs are, a folder for each target. 样本目录。")
    var corpora = "Tests/Corpora"

    @Option(help: "Only this target. 只运行该目标。")
    var target: String?

    func validate() throws {
        guard let target, !FuzzTarget.all.contains(where: { $0.name == target }) else { return }
        let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
        throw ValidationError("no target is called \(target); there are \(names)")
    }

    func run() async throws {
        let targets = FuzzTarget.all.filter { target == nil || $0.name == target }
        let changed = options.rounds ?? 20_000
        let tally = Tally("fuzz", options, total: nil)
        var random = Seeded(seed: options.seed)
        for target in targets {
            let folder = URL(filePath: corpora).appending(path: target.name)
            let inputs = try FuzzInputs(in: folder, byteCountMax: target.byteCountMax)
            guard !inputs.kept.isEmpty else {
                tally.fail("\(folder.path) holds no inputs")
                continue
            }
            let trial = try FuzzTrial(target, in: options.folder, tally)
            for (name, bytes) in inputs.kept { try trial.run(bytes, called: name) }
            for number in 0..<changed / targets.count {
                let (bytes, name) = inputs.changed(using: &random)
                try trial.run(bytes, called: "\(name), changed the \(number)th time")
            }
            try trial.end()
        }
        try tally.end()
    }
}

/// Runs one target over inputs, each of which lies in a file while it is tried.
private struct FuzzTrial {
    private let target: FuzzTarget
    private let tally: Tally
    private let url: URL
    private let file: FileHandle

    init(_ target: FuzzTarget, in folder: String, _ tally: Tally) throws {
        (self.target, self.tally) = (target, tally)
        url = URL(filePath: folder).appending(path: "fuzz-\(target.name)")
        try Data().write(to: url)
        file = try FileHandle(forWritingTo: url)
    }

    func run(_ bytes: [UInt8], called name: String) throws {
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        do {
            switch try bytes.withUnsafeBytes(target.run) {
            case .read: tally.count("read")
            case .refused: tally.count("refused")
            }
        } catch {
            try keep(bytes)
            tally.fail("\(target.name): \(error): \(name)")
        }
        tally.round()
    }

    private func keep(_ bytes: [UInt8]) throws {
        let name = "fuzz-\(target.name)-failed-\(tally.failures.count)"
        try Data(bytes).write(to: url.deletingLastPathComponent().appending(path: name))
    }

    /// All inputs were borne.
    func end() throws {
        try file.close()
        try FileManager.default.removeItem(at: url)
    }
}
