import Foundation
import Glibc

/// The shipped `hanqing`, run with the library between it and the system.
struct InterposedProgram: Sendable {
    private let executable: String
    private let library: String

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// How a run ended.
    struct Ended: Sendable {
        var output: [UInt8]
        var errors: String
        /// Nil if a signal ended it.
        var exitCode: Int32?
        /// 0 if none did.
        var signal: Int32
    }

    /// Where a run finds things, and what the library does to it.
    struct Setting: Sendable {
        /// A folder of the run's own, for its home and what it prints.
        var scratch: String
        /// What the library watches; nil leaves it out.
        var root: String?
        var log: String?
        var trace: String?
        var fault: String?
        /// A file that stands in for the system's boot id.
        var boot: String?

        init(scratch: String, root: String? = nil) {
            (self.scratch, self.root) = (scratch, root)
        }
    }

    /// `path` is the program; the one beside this program if nil.
    init(_ path: String? = nil) throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(filePath: own).deletingLastPathComponent()
        executable = path ?? folder.appending(path: "hanqing").path
        library = folder.appending(path: "libhanqing-interpose.so").path
        for file in [executable, library]
        where !FileManager.default.isReadableFile(atPath: file) {
            throw Missing(description: "\(file) is not there; build it first")
        }
    }

    /// Runs the program to its end.
    func run(_ arguments: [String], input: [UInt8] = [], _ setting: Setting) throws -> Ended {
        try run(executable, arguments, input: input, setting)
    }

    /// Runs another program as the library sees it, such as `/bin/rm`.
    func run(
        _ path: String, _ arguments: [String], input: [UInt8] = [], _ setting: Setting
    ) throws -> Ended {
        let names = ["in", "out", "err"].map { setting.scratch + "/std" + $0 }
        try Data(input).write(to: URL(filePath: names[0]))
        let child = try start(path, arguments, setting) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, names[0], O_RDONLY, 0)
            for (number, name) in [(Int32(1), names[1]), (2, names[2])] {
                posix_spawn_file_actions_addopen(
                    &actions, number, name, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            }
        }
        let status = InterposedProgram.wait(child)
        return Ended(
            output: [UInt8](try Data(contentsOf: URL(filePath: names[1]))),
            errors: String(decoding: try Data(contentsOf: URL(filePath: names[2])), as: UTF8.self),
            exitCode: status & 0x7f == 0 ? status >> 8 & 0xff : nil, signal: status & 0x7f)
    }

    /// Runs the program and hands it `lines` one by one, each when the one before was answered.
    func converse(
        _ arguments: [String], lines: [[UInt8]], _ setting: Setting
    ) throws -> Ended {
        var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard pipe(&input) == 0, pipe(&output) == 0 else { throw Missing(description: "no pipe") }
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let errors = setting.scratch + "/stderr"
        let child = try start(executable, arguments, setting) { actions in
            posix_spawn_file_actions_adddup2(&actions, input[0], 0)
            posix_spawn_file_actions_adddup2(&actions, output[1], 1)
            posix_spawn_file_actions_addopen(
                &actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        }
        close(input[0])
        close(output[1])
        var answers: [UInt8] = []
        for line in lines {
            let sent = (line + [0x0A]).withUnsafeBytes { write(input[1], $0.baseAddress, $0.count) }
            guard sent == line.count + 1, readLine(output[0], &answers) else { break }
        }
        close(input[1])
        while readLine(output[0], &answers) {}
        close(output[0])
        let status = InterposedProgram.wait(child)
        return Ended(
            output: answers,
            errors: String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self),
            exitCode: status & 0x7f == 0 ? status >> 8 & 0xff : nil, signal: status & 0x7f)
    }

    /// Reads until a line has ended; false at the end of all.
    private func readLine(_ descriptor: Int32, _ bytes: inout [UInt8]) -> Bool {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes += block[..<count]
            if block[count - 1] == 0x0A { return true }
        }
    }

    private func start(
        _ path: String, _ arguments: [String], _ setting: Setting,
        _ redirect: (inout posix_spawn_file_actions_t) -> Void
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        redirect(&actions)
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment(setting).map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, path, &actions, nil, &words, &variables)
        guard failure == 0 else {
            throw Missing(description: "\(path): \(String(cString: strerror(failure)))")
        }
        return child
    }

    private func environment(_ setting: Setting) -> [String] {
        var result = [
            "HOME=\(setting.scratch)", "HANQING_MEMORY=\(setting.scratch)/memory", "LANG=C",
            "PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no", "TMPDIR=\(setting.scratch)",
            "TZ=UTC",
        ]
        guard let root = setting.root else { return result }
        result += [
            "LD_PRELOAD=\(library)", "HANQING_INTERPOSE_ROOT=\(root)", "HANQING_INTERPOSE_LAZY=1",
        ]
        let more = [
            ("LOG", setting.log), ("TRACE", setting.trace), ("FAULT", setting.fault),
            ("BOOT", setting.boot),
        ]
        for case (let name, let value?) in more {
            result.append("HANQING_INTERPOSE_\(name)=\(value)")
        }
        return result
    }

    private static func wait(_ child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
