import CanonicalJSON
import Digests
package import Foundation

/// Looks for words that must be nowhere, however they may be written.
///
/// UTF-8, UTF-16 of both orders, GB18030, JSON's and URL's escapes, hexadecimal digits and base64
/// at each of the three places at which a word can begin in it.
package final class CanaryHunt: Sendable {
    /// A word as it may be written, and how.
    private struct Form: Sendable {
        let bytes: [UInt8]
        let name: String
    }

    /// Forms by the first eight bytes.
    private let forms: [UInt64: [Form]]
    /// Which last two of those eight bytes occur: most places are passed over by it.
    private let endings: [Bool]
    private static let window = 8

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Each form of a word must have eight bytes: a name of four characters, a number of eight.
    package init(_ words: [String], home: URL) throws {
        let list = JSONValue.array(words.map { .string($0) }).canonicalBytes
        let result = try Program(tool: "python3").run(
            ["-c", CanaryHunt.script], home: home, input: list)
        guard result.exitCode == 0 else { throw Failed(description: result.errors) }
        var (forms, endings) = ([UInt64: [Form]](), [Bool](repeating: false, count: 1 << 16))
        for line in result.output.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let bytes = Hex.decode(String(parts[1])),
                bytes.count >= CanaryHunt.window
            else { throw Failed(description: "too short to be looked for: \(line)") }
            let start = bytes.prefix(CanaryHunt.window).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            forms[start, default: []].append(Form(bytes: bytes, name: String(parts[0])))
            endings[Int(start & 0xFFFF)] = true
        }
        guard !forms.isEmpty else { throw Failed(description: "no words to look for") }
        (self.forms, self.endings) = (forms, endings)
    }

    /// Where one of them was found: file and encoding.
    ///
    /// Throws if there is no file to look at.
    package func hits(in folder: URL) throws -> [String] {
        let files = FileManager.default.enumerator(
            at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        var (found, count) = ([String](), 0)
        while let file = files?.nextObject() as? URL {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            else { continue }
            count += 1
            found += hits(in: try [UInt8](Data(contentsOf: file))).map { "\(file.path) \($0)" }
        }
        guard count > 0 else { throw Failed(description: "nothing to look at: \(folder.path)") }
        return found
    }

    /// In which forms a word stands in these bytes.
    package func hits(in bytes: [UInt8]) -> [String] {
        var found: [String] = []
        var start: UInt64 = 0
        for (place, byte) in bytes.enumerated() {
            start = start << 8 | UInt64(byte)
            guard endings[Int(start & 0xFFFF)], place + 1 >= CanaryHunt.window,
                let candidates = forms[start]
            else { continue }
            let rest = bytes[(place + 1 - CanaryHunt.window)...]
            found += candidates.filter { rest.starts(with: $0.bytes) }.map(\.name)
        }
        return found
    }

    private static let script = """
        import base64, json, sys, urllib.parse

        def forms(word):
            utf8 = word.encode()
            yield "utf-8", utf8
            for name in ("utf-16-le", "utf-16-be", "gb18030"):
                yield name, word.encode(name)
            yield "json", json.dumps(word)[1:-1].encode()
            quoted = urllib.parse.quote(word, safe="")
            yield "url", quoted.encode()
            yield "url,small", quoted.lower().encode()
            yield "hex", utf8.hex().encode()
            yield "HEX", utf8.hex().upper().encode()
            for place in range(3):
                code = base64.b64encode(b"x" * place + utf8)
                # Digits that depend on the word alone.
                whole = code[-(-place * 8 // 6):(place + len(utf8)) * 8 // 6]
                yield "base64", whole
                yield "base64url", whole.replace(b"+", b"-").replace(b"/", b"_")

        for word in json.load(sys.stdin):
            for name, form in forms(word):
                sys.stdout.write(f"{name} {form.hex()}\\n")
        """
}
