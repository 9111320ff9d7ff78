package import Foundation

/// Looks for words that must be nowhere, however they may be written.
package struct CanaryHunt: Sendable {
    private let words: [String]

    package init(_ words: [String]) { self.words = words }

    /// Where one of them was found: file and encoding.
    ///
    /// UTF-8, UTF-16 of both orders, GB18030, JSON's and URL's escapes, hexadecimal digits and
    /// base64 at each of the three places at which a word can begin in it.
    package func hits(in folder: URL) throws -> [String] {
        let result = try Program(tool: "python3").run(
            ["-c", CanaryHunt.script, folder.path] + words, home: folder)
        guard result.exitCode == 0 else { throw Failed(description: result.errors) }
        return result.output.split(separator: "\n").map(String.init)
    }

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    private static let script = """
        import base64, json, os, sys, urllib.parse

        def forms(word):
            utf8 = word.encode()
            yield "utf-8", utf8
            for name in ("utf-16-le", "utf-16-be", "gb18030"):
                yield name, word.encode(name)
            yield "json", json.dumps(word)[1:-1].encode()
            quoted = urllib.parse.quote(word, safe="")
            yield "url", quoted.encode()
            yield "url, small", quoted.lower().encode()
            yield "hex", utf8.hex().encode()
            yield "HEX", utf8.hex().upper().encode()
            for place in range(3):
                code = base64.b64encode(b"x" * place + utf8)
                # Digits that depend on the word alone.
                whole = code[-(-place * 8 // 6):(place + len(utf8)) * 8 // 6]
                yield "base64", whole
                yield "base64url", whole.replace(b"+", b"-").replace(b"/", b"_")

        count = 0
        for parent, _, files in os.walk(sys.argv[1]):
            for file in files:
                path = os.path.join(parent, file)
                if not os.path.isfile(path):
                    continue
                count += 1
                content = open(path, "rb").read()
                for word in sys.argv[2:]:
                    for name, form in forms(word):
                        if form in content:
                            sys.stdout.write(f"{path} {name}\\n")
        assert count > 0, "there is nothing to look at"
        """
}
