import CanonicalJSON
import Foundation
import TestKit

/// Specs/verify.py as one process that judges a ledger for each line that it is sent.
final class SecondOpinion {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ root: URL) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", root.appending(path: "Tests/Campaigns/second_opinion.py").path,
            root.appending(path: "Specs/verify.py").path,
        ]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
    }

    /// Whether the ledger in `folder` is sound.
    func isSound(_ folder: String) throws -> Bool {
        try input.fileHandleForWriting.write(contentsOf: Data((folder + "\n").utf8))
        var line = Data()
        while line.last != 0x0A {
            let block = output.fileHandleForReading.availableData
            guard !block.isEmpty else { throw CampaignError("Specs/verify.py ended") }
            line += block
        }
        switch line {
        case Data("sound\n".utf8): return true
        case Data("unsound\n".utf8): return false
        default: throw CampaignError(String(decoding: line, as: UTF8.self))
        }
    }

    deinit {
        // Without its input it ends; nobody has to wait for it.
        try? input.fileHandleForWriting.close()
    }
}
