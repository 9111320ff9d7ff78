import Access
import Foundation
import Phrases
import TestKit
import Testing

@Suite struct TokenFileTests {
    private let file: TokenFile

    init() {
        var revoked = Maker.issued(Maker.grant(3, .system("s"), ["append:*"])).line
        revoked.revoked = Revocation(at: Maker.now, by: "P-9", reason: "任务结束")
        file = TokenFile(
            origin: Maker.origin,
            lines: [
                Maker.issued(Maker.grant(1)).line,
                Maker.issued(Maker.grant(2, .person("P-2"), ["audit:*"])).line, revoked,
            ])
    }

    private func refusal(_ text: String) -> String? {
        do throws(AccessError) {
            _ = try TokenFile(Array(text.utf8), origin: Maker.origin)
            return nil
        } catch {
            return error.phrase.en
        }
    }

    private var text: String { String(decoding: file.bytes, as: UTF8.self) }

    @Test func `what is written is read again`() throws {
        #expect(try TokenFile(file.bytes, origin: Maker.origin) == file)
        let empty = TokenFile(origin: Maker.origin)
        #expect(try TokenFile(empty.bytes, origin: Maker.origin) == empty)
    }

    @Test func `a refusal names the line`() {
        let lines = text.split(separator: "\n")
        for (place, line) in lines.enumerated() {
            let broken = line.replacing("\":", with: "\" :", maxReplacements: 1)
            let all = lines.enumerated().map { $0 == place ? broken[...] : $1 }
            let found = refusal(all.joined(separator: "\n") + "\n")
            #expect(found == "line \(place + 1): is not canonical JSON")
        }
    }

    @Test func `what is not strictly a file of tokens is refused`() {
        let lines = text.split(separator: "\n").map { String($0) + "\n" }
        let head = lines[0]
        let cases: [(String, String)] = [
            ("", "whole line"), (String(text.dropLast()), "whole line"), ("\n", "line 1"),
            (text + "\n", "line 5"), (head + lines[1] + lines[1], "line 3: "),
            (lines[1], "line 1: \"format\""), (head + head, "line 2: \"grant\""),
            (head.replacing("1", with: "2", maxReplacements: 1), "Use a newer version"),
            (head.replacing("demo.example", with: "other.example"), "tokens of other.example"),
            (head.replacing("}", with: ",\"x\":1}"), "member that is not known"),
            (head + lines[1].replacing("\"hash\":", with: "\"hash2\":"), "\"hash\""),
            (head + lines[3].replacing("\"by\":\"P-9\",\"reason", with: "\"reason"), "\"by\""),
            (head + lines[1].dropLast(2) + ",\"zz\":1}\n", "member that is not known"),
        ]
        for (text, words) in cases {
            let found = refusal(text)
            #expect(found?.contains(words) == true, "\(text): \(found ?? "read")")
        }
    }

    @Test func `a flipped bit is refused, or is another token`() {
        let bytes = file.bytes
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << bit
                guard let other = try? TokenFile(changed, origin: Maker.origin) else { continue }
                #expect(other != file && other.bytes == changed)
                // A line that reads has lost its record, unless only its end was touched.
                let digests = zip(file.lines, other.lines).filter { $0.digest != $1.digest }
                let marks = zip(file.lines, other.lines).filter { $0.revoked != $1.revoked }
                #expect(digests.count + marks.count == 1)
            }
        }
    }

    @Test func `it is saved for its owner alone, in one step`() throws {
        let folder = try ScratchFolder()
        try file.save(folder.path)
        let path = TokenFile.path(in: folder.path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try TokenFile.load(folder.path, origin: Maker.origin) == file)
        // A draft that somebody left there for all to read is not written into.
        #expect(
            FileManager.default.createFile(
                atPath: path + ".new", contents: nil, attributes: [.posixPermissions: 0o644]))
        try TokenFile(origin: Maker.origin).save(folder.path)
        #expect(try TokenFile.load(folder.path, origin: Maker.origin).lines == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tokens"])
    }

    @Test(arguments: [0o644, 0o640, 0o700, 0o400, 0o666, 0o4600])
    func `another mode is refused, and the words say what to type`(mode: Int) throws {
        let folder = try ScratchFolder()
        try file.save(folder.path)
        let path = TokenFile.path(in: folder.path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        do throws(AccessError) {
            _ = try TokenFile.load(folder.path, origin: Maker.origin)
            Issue.record("was read")
        } catch {
            #expect(error.phrase.en.contains("chmod 600 \(path)"))
            #expect(error.phrase.zh.contains("chmod 600 \(path)"))
        }
    }

    @Test func `a ledger without the file has no tokens`() throws {
        let folder = try ScratchFolder()
        #expect(try TokenFile.load(folder.path, origin: Maker.origin).lines == [])
    }
}
