import CanonicalJSON
import Foundation
import TestKit
import Testing

/// The home of a user who runs the program, with place for one ledger.
struct UserHome {
    private let program = Program()
    let folder: ScratchFolder
    var path: String { folder.path }
    var ledger: String { path + "/ledger" }

    init() throws { folder = try ScratchFolder() }

    func run(_ arguments: [String], input: String = "") throws -> Program.Result {
        try program.run(arguments, home: folder.url, input: Array(input.utf8))
    }

    /// Gives standard output of a run that must end with 0.
    func expectSuccess(_ arguments: [String], input: String = "") throws -> String {
        let result = try run(arguments, input: input)
        #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        return result.output
    }

    /// A run that is not started yet.
    func process(_ arguments: [String], limit: Program.Limit? = nil) -> Process {
        program.process(arguments, home: folder.url, limit: limit)
    }
}

extension JSONValue {
    /// One value a line.
    static func lines(of text: String) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }
}
