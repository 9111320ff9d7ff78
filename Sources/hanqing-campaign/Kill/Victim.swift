import CanonicalJSON
import Dispatch
import Foundation
import Glibc
import TestKit

/// A run of the shipped program that is going to be killed.
final class Victim {
    private let process: Process
    private let input = Pipe()
    private let output = Pipe()
    private let errors: URL
    private var printed = Data()
    /// Kills one that has waited for memory too long.
    ///
    /// Where the system refuses a thread, the library that makes threads asks again for ever.
    private let watchdog: DispatchWorkItem
    private static let secondsMax = 10.0
    /// Whether it was there to be killed.
    private(set) var wasKilled = false

    /// Starts the program and feeds it `bytes`; with `holding` it then waits for more.
    init(
        _ process: Process, feeding bytes: [UInt8], holding: Bool = false, errors: URL
    ) throws {
        (self.process, self.errors) = (process, errors)
        try Data().write(to: errors)
        process.standardInput = input
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let pid = process.processIdentifier
        watchdog = DispatchWorkItem { Glibc.kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(
            deadline: .now() + Victim.secondsMax, execute: watchdog)
        let writing = input.fileHandleForWriting
        Thread.detachNewThread {
            try? writing.write(contentsOf: Data(bytes))
            // Or it would wait for more, and the campaign for receipts, if all were wanted.
            if !holding { try? writing.close() }
        }
    }

    var pid: Int32 { process.processIdentifier }

    /// Waits until so many bytes were printed, or it has ended.
    func read(_ count: Int) {
        while printed.count < count {
            let block = output.fileHandleForReading.availableData
            if block.isEmpty { return }
            printed += block
        }
    }

    /// kill -9, then everything that was printed before.
    func kill() -> Ended {
        Glibc.kill(pid, SIGKILL)
        return end()
    }

    /// Waits until it has ended by itself.
    func end() -> Ended {
        printed += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        watchdog.cancel()
        wasKilled =
            process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
        try? input.fileHandleForWriting.close()
        let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
        return Ended(
            output: printed, errors: text, wasKilled: wasKilled,
            isByItself: process.terminationReason == .exit, exitCode: process.terminationStatus)
    }

    /// How a run ended.
    struct Ended {
        let output: Data
        let errors: String
        let wasKilled: Bool
        /// It ended by itself and not by a signal.
        let isByItself: Bool
        let exitCode: Int32

        /// The whole lines that were printed, as receipts.
        var receipts: [JSONValue] {
            get throws {
                guard let end = output.lastIndex(of: 0x0A) else { return [] }
                let whole = output[output.startIndex...end]
                return try whole.split(separator: 0x0A).filter { $0.count > 1 }
                    .map { try JSONValue(parsing: $0) }
            }
        }
    }
}
