import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing bundle`, read back by `hanqing verify`, by `Specs/verify.py` and by common tools.
@Suite struct BundleTests {
    private let home: UserHome
    private let authority: TestAuthority
    private let key: String
    private var file: String { home.path + "/case.tar" }
    private static let stream = "decision/DEC-2025-003"
    private static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A ledger with the shipped sample, one of whose attachments it holds, and a timestamp.
    init() async throws {
        (home, authority) = (try UserHome(), try await TestAuthority())
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        let draft = home.path + "/draft.pdf"
        try Data("a fictitious draft\n".utf8).write(to: URL(filePath: draft))
        let digest = try Program(tool: "sha256sum").run([draft], home: home.folder.url)
            .output.prefix(64)
        let sample = BundleTests.project.appending(path: "Ledger/samples/sample.ndjson")
        let name = "分级管控办法（草案v1）.pdf"
        let stated = "c5060b0fe48d35cd9400a4ab08802812175144ed7663dca57b112b98b03460ab"
        // One attachment of the sample becomes one that the ledger holds.
        let whole = try String(contentsOf: sample, encoding: .utf8)
            .replacing(
                #""bytes":20480,"held":"producer","mediaType":"application/pdf","name":"\#(name)","#
                    + #""sha256":"\#(stated)""#,
                with:
                    #""bytes":19,"held":"ledger","mediaType":"application/pdf","name":"\#(name)","#
                    + #""sha256":"\#(digest)""#
            ).replacing(stated, with: digest)
        let added = try home.run(
            ["append", "-", "--attach", draft, "--ledger", home.ledger], input: whole)
        #expect(added.exitCode == 0, "\(added.errors)")
        key = try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
            .trimmingCharacters(in: .newlines)
        _ = try home.expectSuccess([
            "timestamp", "ask", "--tsa", authority.url(), "--ca", authority.ca, "--ledger",
            home.ledger,
        ])
        // What is published without witnesses is not cosigned; here it is kept as if it were.
        try FileManager.default.copyItem(
            atPath: home.ledger + "/checkpoints/latest",
            toPath: home.ledger + "/checkpoints/cosigned")
        let events = try home.expectSuccess(["sample", "--events", "9", "--seed", "3"])
        _ = try home.expectSuccess(["append", "-", "--ledger", home.ledger], input: events)
        _ = try home.expectSuccess([
            "bundle", BundleTests.stream, "-o", file, "--ledger", home.ledger,
        ])
    }

    private func verify(
        _ path: String, _ arguments: [String] = []
    ) throws -> (code: Int32, json: JSONValue) {
        let result = try home.run(["verify", path, "--json"] + arguments)
        return (result.exitCode, try result.json)
    }

    private func secondOpinion(_ path: String, _ arguments: [String] = []) throws -> Program.Result
    {
        let script = BundleTests.project.appending(path: "Specs/verify.py").path
        return try Program(tool: "python3").run(
            [script, "bundle", path, "--json"] + arguments, home: home.folder.url)
    }

    private func codes(_ json: JSONValue) -> Set<String> {
        Set((json["findings"]?.array ?? []).compactMap { $0["code"]?.string })
    }

    private var entries: [(name: String, bytes: [UInt8])] {
        get throws { try Archive.read([UInt8](Data(contentsOf: URL(filePath: file)))) }
    }

    private func write(_ bytes: [UInt8], as name: String = "other.tar") throws -> String {
        let path = "\(home.path)/\(name)"
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    @Test func `a bundle is sound to both readers, and the same each time`() throws {
        for arguments in [[], ["--vkey", key], ["--vkey", key, "--tsa-ca", authority.ca]] {
            let read = try verify(file, arguments)
            #expect(read.code == 0, "\(read.json)")
            #expect(read.json["mode"]?.string == "bundle")
            // The case's 13, and record 0, which names key and catalogue.
            #expect(read.json["records"]?.integer == 14)
            #expect(read.json["timestamps"]?.array?.count == 1)
            let second = try secondOpinion(file, arguments)
            #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        }
        let again = home.path + "/again.tar"
        _ = try home.expectSuccess([
            "bundle", BundleTests.stream, "--output", again, "--ledger", home.ledger,
        ])
        #expect(FileManager.default.contentsEqual(atPath: file, andPath: again))
        for what in ["2", "2-30", "0-1"] {
            _ = try home.expectSuccess(["bundle", what, "-o", again, "--ledger", home.ledger])
            #expect(try verify(again, ["--vkey", key]).code == 0, "\(what)")
            #expect(try secondOpinion(again, ["--vkey", key]).exitCode == 0, "\(what)")
        }
        for what in ["penalty/none", "99999", "3-2", "x", "1-2-3", ""] {
            let refused = try home.run(["bundle", what, "-o", again, "--ledger", home.ledger])
            #expect(refused.exitCode == 2, "\(what)")
        }
    }

    @Test func `common tools read it as the page says`() throws {
        let tools: [(String, [String])] = [
            ("tar", ["xf", file, "-C", home.path]),
            ("sh", ["-c", "cd \(home.path) && sha256sum --quiet -c bundle/SHA256SUMS"]),
            (
                "sh",
                [
                    "-c",
                    """
                    cd \(home.path)/bundle && head -n 3 checkpoint > text &&
                    grep '^— ' checkpoint | head -n 1 | cut -d ' ' -f 3 | base64 -d |
                    tail -c 64 > signature &&
                    openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text \
                    -sigfile signature &&
                    openssl ts -verify -in timestamps/000001/reply.tsr \
                    -data timestamps/000001/message -CAfile \(authority.ca)
                    """,
                ]
            ),
            ("python3", [home.path + "/bundle/verify.py", "bundle", file, "--vkey", key]),
        ]
        for (tool, arguments) in tools {
            let result = try Program(tool: tool).run(arguments, home: home.folder.url)
            #expect(result.exitCode == 0, "\(tool): \(result.output)\(result.errors)")
        }
        let page = try String(contentsOfFile: home.path + "/bundle/index.html", encoding: .utf8)
        for words in [
            "不能证明", "It does not prove that what was entered was true", "参与人 1 名",
            "分级管控办法（草案v1）.pdf", "CN=tsa,O=Fictitious", "demo.example",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(!page.contains("<script"))
    }

    @Test func `any byte of evidence that is changed is found by both readers`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = Seeded(seed: seed)
        let sound = try entries
        let kinds = [
            "records/", "bundle/proofs/", "bundle/checkpoint", "attachments/", "catalogue/",
            "key.txt", "key.pem", "subject.json", "cosigned/note", "cosigned/proofs/", "/message",
            "query.tsq", "timestamps/000001/note", "timestamps/000001/proofs/", "SHA256SUMS",
        ]
        for kind in kinds {
            let places = sound.indices.filter { sound[$0].name.contains(kind) }
            let place = try #require(places.randomElement(using: &random), "\(kind)")
            var changed = sound
            let offset = changed[place].bytes.indices.randomElement(using: &random) ?? 0
            changed[place].bytes[offset] ^= UInt8(1 << Int.random(in: 0..<7, using: &random))
            // As somebody would who wants it not to be found.
            if kind != "SHA256SUMS" { try Archive.mendSums(&changed, home.folder.url) }
            let path = try write(Archive.bytes(changed))
            let what: Comment = "seed \(seed): \(changed[place].name), byte \(offset)"
            #expect(try verify(path, ["--vkey", key]).code == 1, what)
            #expect(try secondOpinion(path, ["--vkey", key]).exitCode == 1, what)
        }
        for _ in 0..<12 {
            var bytes = try Archive.bytes(sound)
            let offset = bytes.indices.randomElement(using: &random) ?? 0
            bytes[offset] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            let path = try write(bytes)
            #expect(try verify(path).code == 1, "seed \(seed): byte \(offset)")
            #expect(try secondOpinion(path).exitCode == 1, "seed \(seed): byte \(offset)")
        }
    }

    @Test func `whatever is taken away is missed by both readers`() throws {
        let sound = try entries
        for kind in [
            "records/", "bundle/proofs/", "bundle/checkpoint", "attachments/", "catalogue/",
            "key.txt", "key.pem", "subject.json", "cosigned/proofs/", "reply.tsr",
            "timestamps/000001/proofs/", "index.html", "verify.py", "SHA256SUMS",
        ] {
            var changed = sound
            let place = try #require(changed.firstIndex { $0.name.contains(kind) })
            changed.remove(at: place)
            if kind != "SHA256SUMS" { try Archive.mendSums(&changed, home.folder.url) }
            let path = try write(Archive.bytes(changed))
            #expect(try verify(path, ["--vkey", key]).code == 1, "\(kind)")
            #expect(try secondOpinion(path, ["--vkey", key]).exitCode == 1, "\(kind)")
        }
    }

    @Test func `an archive with tricks is refused with the entry's name`() throws {
        let sound = try entries
        for (name, word) in [
            ("bundle/../evil", "evil"), ("/bundle/evil", "evil"), ("bundle/other", "other"),
        ] {
            let changed = (sound + [(name: name, bytes: [1])]).sorted { $0.name < $1.name }
            let path = try write(Archive.bytes(changed))
            let read = try verify(path)
            #expect(read.code == 1)
            #expect(codes(read.json) == ["archive-refused"])
            #expect(read.json["findings"]?.array?.first?["en"]?.string?.contains(word) == true)
            let second = try secondOpinion(path)
            #expect(second.exitCode == 1)
            #expect(second.output.contains(word))
        }
        // Links and folders, as tar makes them.
        let evil = home.path + "/evil"
        try FileManager.default.createDirectory(
            atPath: evil + "/bundle", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: evil + "/bundle/checkpoint", withDestinationPath: "/etc/passwd")
        for member in ["bundle", "bundle/checkpoint"] {
            let path = home.path + "/evil.tar"
            _ = try Program(tool: "tar").run(
                ["cf", path, "--format=ustar", "-C", evil, "--no-recursion", member],
                home: home.folder.url)
            #expect(codes(try verify(path).json) == ["archive-refused"], "\(member)")
            #expect(try secondOpinion(path).exitCode == 1, "\(member)")
        }
        #expect(try home.run(["verify", home.path + "/none.tar"]).exitCode == 2)
    }

    @Test func `another ledger's key, authority or witnesses are not believed`() throws {
        let other = try home.expectSuccess([
            "init", home.path + "/other", "--origin", "demo.example", "--json",
        ])
        let otherKey = try #require(try JSONValue(parsing: other.utf8)["vkey"]?.string)
        #expect(codes(try verify(file, ["--vkey", otherKey]).json).contains("checkpoint-refused"))
        #expect(try secondOpinion(file, ["--vkey", otherKey]).exitCode == 1)
        let strange = try verify(file, ["--tsa-ca", authority.otherCA])
        #expect(codes(strange.json) == ["timestamp-refused"])
        #expect(try secondOpinion(file, ["--tsa-ca", authority.otherCA]).exitCode == 1)
        let policy = home.path + "/policy"
        let witness = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
        try Data("witness w \(witness)\nquorum w\n".utf8).write(to: URL(filePath: policy))
        #expect(codes(try verify(file, ["--policy", policy]).json) == ["quorum-unmet"])
    }
}

/// An archive taken apart and put together again, by whoever wants to deceive.
private enum Archive {
    static func read(_ bytes: [UInt8]) -> [(name: String, bytes: [UInt8])] {
        var files: [(name: String, bytes: [UInt8])] = []
        var place = 0
        while bytes[place] != 0 {
            let header = bytes[place..<place + 512]
            let name = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
            let digits = String(decoding: header.dropFirst(124).prefix(11), as: UTF8.self)
            let count = Int(digits, radix: 8) ?? 0
            files.append((name, Array(bytes[(place + 512)..<(place + 512 + count)])))
            place += 512 + (count + 511) / 512 * 512
        }
        return files
    }

    static func bytes(_ files: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
        files.flatMap { file -> [UInt8] in
            header(file.name, file.bytes.count) + file.bytes
                + [UInt8](repeating: 0, count: (512 - file.bytes.count % 512) % 512)
        } + [UInt8](repeating: 0, count: 1024)
    }

    private static func header(_ name: String, _ count: Int) -> [UInt8] {
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        func block(_ checksum: String) -> [UInt8] {
            let head =
                name + String(repeating: "\0", count: 100 - name.utf8.count)
                + "0000644\u{0}0000000\u{0}0000000\u{0}" + octal(count, 11) + "\0"
                + "00000000000\u{0}" + checksum + "0" + String(repeating: "\0", count: 100)
                + "ustar\u{0}00"
            let bytes = Array(head.utf8)
            return bytes + [UInt8](repeating: 0, count: 512 - bytes.count)
        }
        let sum = block("        ").reduce(0) { $0 + Int($1) }
        return block(octal(sum, 6) + "\0 ")
    }

    /// Makes `SHA256SUMS` fit again, with `sha256sum`.
    static func mendSums(_ files: inout [(name: String, bytes: [UInt8])], _ home: URL) throws {
        let folder = home.appending(path: "mended-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in files where file.name != "bundle/SHA256SUMS" {
            let place = folder.appending(path: file.name)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.bytes).write(to: place)
        }
        let names = files.map(\.name).filter { $0 != "bundle/SHA256SUMS" }
        let command = "cd \"$0\" && sha256sum \"$@\""
        let sums = try Program(tool: "sh").run(["-c", command, folder.path] + names, home: home)
        guard let place = files.firstIndex(where: { $0.name == "bundle/SHA256SUMS" }) else {
            return
        }
        files[place].bytes = Array(sums.output.utf8)
    }
}
