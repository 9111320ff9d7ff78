import Checkpoints
import Digests
import Dispatch
import Foundation
import Glibc
import Phrases
import Synchronization

/// A program that holds the key: it is given a note's text and prints the signature.
///
/// Specs/keys.md section 6. Each signature is verified before it is used.
struct ExternalSigner: NoteSigner {
    private let command: LedgerSettings.Signer
    let verifierKey: VerifierKey

    /// The variable in which the program is told which key is meant.
    static let variable = "HANQING_KEY"
    /// A pipe takes this much without a reader, so that writing never waits.
    private static let textByteCountMax = 4096
    private static let outputByteCountMax = 1024

    init(_ command: LedgerSettings.Signer, _ key: VerifierKey) {
        (self.command, verifierKey) = (command, key)
    }

    func signature(of text: [UInt8]) async throws(SigningError) -> NoteSignature {
        // Waiting for a process blocks: not on a thread that others need.
        let result: Result<NoteSignature, SigningError> = await withCheckedContinuation { next in
            DispatchQueue.global().async {
                next.resume(returning: Result { () throws(SigningError) in try sign(text) })
            }
        }
        return try result.get()
    }

    private func sign(_ text: [UInt8]) throws(SigningError) -> NoteSignature {
        guard text.count <= ExternalSigner.textByteCountMax else {
            throw refusal(en: "the text is too long", zh: "文本过长")
        }
        let output: [UInt8]
        do throws(SigningError) {
            let child = try Child(
                command.words, text, "\(ExternalSigner.variable)=\(verifierKey)")
            output = try child.output(
                within: command.timeoutSeconds, limit: ExternalSigner.outputByteCountMax)
        } catch {
            throw refusal(en: error.phrase.en, zh: error.phrase.zh)
        }
        let line = String(decoding: output, as: UTF8.self).trimmed
        guard let signature = Base64.decode(line),
            verifierKey.isValid(signature: signature, of: text)
        else {
            throw refusal(
                en: "it printed no signature by \(verifierKey)",
                zh: "其输出不是密钥 \(verifierKey) 的签名")
        }
        return NoteSignature(name: verifierKey.name, id: verifierKey.id, bytes: signature)
    }

    private func refusal(en: String, zh: String) -> SigningError {
        SigningError(
            en: "the signing program \(command.words[0]): \(en)",
            zh: "签名程序 \(command.words[0])：\(zh)")
    }
}

extension String {
    fileprivate var trimmed: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0.isNewline }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return self[...last].drop(while: isSpace)
    }
}

/// A process whose standard input is given at once and whose standard output is read to its end.
private struct Child {
    private let process: pid_t
    private let reader: Int32

    /// One is started at a time: no other inherits its pipes before they are marked.
    private static let starting = Mutex(())

    init(_ words: [String], _ input: [UInt8], _ setting: String) throws(SigningError) {
        self = try Child.starting.withLock { _ throws(SigningError) in
            try Child(starting: words, input, setting)
        }
    }

    private init(starting words: [String], _ input: [UInt8], _ setting: String) throws(SigningError)
    {
        var (inward, outward): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&inward) == 0, pipe(&outward) == 0,
            (inward + outward).allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 })
        else {
            for end in inward + outward where end >= 0 { close(end) }
            throw Child.failure("pipe", errno)
        }
        // While the reading end is open here, writing cannot raise SIGPIPE; and there is room.
        let written = write(inward[1], input, input.count)
        close(inward[1])
        defer {
            close(inward[0])
            close(outward[1])
        }
        guard written == input.count else {
            close(outward[0])
            throw Child.failure("write", errno)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, inward[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, outward[1], STDOUT_FILENO)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // A group of its own, so that what it starts can be ended with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        defer { posix_spawnattr_destroy(&attributes) }
        var process: pid_t = 0
        let failure = withCStrings(words) { arguments in
            withCStrings(Child.environment(setting)) { environment in
                posix_spawn(
                    &process, words[0], &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else {
            close(outward[0])
            throw Child.failure("start", failure)
        }
        (self.process, reader) = (process, outward[0])
    }

    private static func failure(_ what: String, _ code: Int32) -> SigningError {
        let reason = String(cString: strerror(code))
        return SigningError(en: "cannot \(what) it: \(reason)", zh: "无法运行（\(what)）：\(reason)")
    }

    private static func environment(_ setting: String) -> [String] {
        ProcessInfo.processInfo.environment.map { "\($0)=\($1)" } + [setting]
    }

    /// All that it prints, if it ends well in time; whatever happens, it has ended afterwards.
    func output(within seconds: Int, limit: Int) throws(SigningError) -> [UInt8] {
        defer { close(reader) }
        let deadline = Child.now() + Int64(seconds) * 1000
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 512)
        while output.count <= limit {
            var watched = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            let left = deadline - Child.now()
            guard left > 0 else { throw end(seconds) }
            let ready = poll(&watched, 1, Int32(clamping: left))
            if ready <= 0 { continue }
            let count = read(reader, &buffer, buffer.count)
            if count <= 0 { break }
            output += buffer.prefix(count)
        }
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            guard deadline > Child.now() else { throw end(seconds) }
            usleep(1000)
        }
        guard status == 0 else {
            throw SigningError(en: "it failed (status \(status))", zh: "运行失败（状态 \(status)）")
        }
        return output
    }

    private func end(_ seconds: Int) -> SigningError {
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return SigningError(
            en: "no signature in \(seconds) s; it was ended", zh: "\(seconds) 秒内未给出签名，已终止")
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Lends a list of C strings that ends with NULL.
private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let strings = texts.map { strdup($0) }
    defer { for string in strings { free(string) } }
    return body(strings + [nil])
}
