import ArgumentParser
import Checkpoints
import Foundation
import LedgerHome
import Phrases

/// Whose cosignatures are demanded.
struct PolicyOption: ParsableArguments {
    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp(
            "Demand the cosignatures of a c2sp.org/tlog-policy file. 见证策略文件。",
            valueName: "file"))
    var file: String?

    func policy() throws -> WitnessPolicy? { try file.map(readPolicy) }
}

/// A policy file as a person names it.
func readPolicy(_ file: String) throws(LedgerError) -> WitnessPolicy {
    let bytes = try contents(file)
    do throws(PolicyError) {
        return try WitnessPolicy(bytes)
    } catch {
        throw LedgerError([error.phrase])
    }
}

/// All of a file; `-` is standard input.
func contents(_ file: String) throws(LedgerError) -> [UInt8] {
    let data =
        file == "-"
        ? (try? FileHandle.standardInput.readToEnd()) ?? Data()
        : FileManager.default.contents(atPath: file)
    guard let data else {
        throw LedgerError(en: "cannot read \(file)", zh: "无法读取 \(file)")
    }
    return [UInt8](data)
}

/// A verifier key as a person gives it.
func readVerifierKey(_ text: String) throws(LedgerError) -> VerifierKey {
    do throws(KeyTextError) {
        return try VerifierKey(text)
    } catch {
        throw LedgerError([error.phrase])
    }
}
