package import CanonicalJSON
package import Digests
package import DurableFiles
import Phrases
package import Records

/// What is written down of the tokens of one ledger: Specs/access.md section 8.
package struct TokenFile: Hashable, Sendable {
    package let origin: String
    package var lines: [Line]

    package static let format: Int64 = 1
    package static let name = "tokens"
    package static let byteCountMax = 16 << 20

    /// A token that was issued.
    package struct Line: Hashable, Sendable {
        package let grant: Grant
        /// Of the token's text, or of the certificate.
        package let hash: Digest
        package var revoked: Revocation?

        package init(grant: Grant, hash: Digest, revoked: Revocation? = nil) {
            (self.grant, self.hash, self.revoked) = (grant, hash, revoked)
        }

        /// What its record names: it stays the same when the token is revoked.
        package var digest: Digest { SHA256.digest(of: JSONValue.object(issued).canonicalBytes) }

        private var issued: [JSONMember] {
            [JSONMember("grant", grant.json), JSONMember("hash", .string(hash.hex))]
        }

        fileprivate var json: JSONValue {
            .object(issued + (revoked.map { [JSONMember("revoked", $0.json)] } ?? []))
        }
    }

    package init(origin: String, lines: [Line] = []) {
        (self.origin, self.lines) = (origin, lines)
    }

    /// The same, with the marks of revocations that are recorded.
    package func marked(by log: AccessLog) -> TokenFile {
        var file = self
        for place in file.lines.indices {
            let recorded = log.revocations[file.lines[place].grant.id]?.revocation
            file.lines[place].revoked = recorded ?? file.lines[place].revoked
        }
        return file
    }

    package var bytes: [UInt8] {
        let head: JSONValue = ["format": .integer(TokenFile.format), "origin": .string(origin)]
        return ([head] + lines.map(\.json)).flatMap { $0.canonicalBytes + [0x0A] }
    }
}

/// Who took a token back, when and why.
package struct Revocation: Hashable, Sendable {
    package let at: Timestamp
    package let by: String
    package let reason: String

    package init(at: Timestamp, by: String, reason: String) {
        (self.at, self.by, self.reason) = (at, by, reason)
    }

    package var json: JSONValue {
        ["at": .string(at.text), "by": .string(by), "reason": .string(reason)]
    }

    init(_ value: JSONValue) throws(AccessError) {
        self.init(
            at: try value.take("at", \.moment), by: try value.take("by", \.string),
            reason: try value.take("reason", \.string))
        if let fault = faults.first { throw AccessError(fault) }
    }
}

// MARK: - Reading

extension TokenFile {
    /// What `bytes` say of the tokens of the ledger `origin`, read strictly.
    package init(_ bytes: [UInt8], origin: String) throws(AccessError) {
        guard bytes.count <= TokenFile.byteCountMax else {
            throw AccessError(
                en: "over \(TokenFile.byteCountMax >> 20) MiB",
                zh: "超过 \(TokenFile.byteCountMax >> 20) MiB")
        }
        guard bytes.last == 0x0A else {
            throw AccessError(en: "does not end with a whole line", zh: "末行不完整")
        }
        let texts = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        self.init(origin: origin)
        for (index, text) in texts.enumerated() {
            do throws(AccessError) {
                let value = try TokenFile.value(text)
                if index == 0 {
                    try demandHead(value)
                } else {
                    lines.append(try Line(value))
                }
            } catch {
                throw error.inLine(index + 1)
            }
        }
        try demandDistinct()
    }

    private static func value(_ text: ArraySlice<UInt8>) throws(AccessError) -> JSONValue {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text)
        } catch {
            throw AccessError(error.phrase)
        }
        guard value.canonicalBytes.elementsEqual(text) else {
            throw AccessError(en: "is not canonical JSON", zh: "不是规范形式的 JSON")
        }
        return value
    }

    private func demandHead(_ head: JSONValue) throws(AccessError) {
        let format = try head.take("format", \.integer)
        guard format == TokenFile.format else {
            throw AccessError(
                en: "format \(format); this program knows \(TokenFile.format). Use a newer version "
                    + "of hanqing",
                zh: "格式为 \(format)，本程序只认识 \(TokenFile.format)；请使用更新版本的 hanqing")
        }
        let named = try head.take("origin", \.string)
        guard named == origin else {
            throw AccessError(
                en: "these are tokens of \(named), not of \(origin)",
                zh: "这是 \(named) 的令牌，不是 \(origin) 的")
        }
        guard head.members?.count == 2 else { throw .unknownMember }
    }

    /// The first line that repeats an id or a hash is named.
    private func demandDistinct() throws(AccessError) {
        var (ids, hashes): (Set<TokenID>, Set<Digest>) = ([], [])
        for (index, line) in lines.enumerated()
        where !ids.insert(line.grant.id).inserted
            // A certificate may have a new grant after its old one was revoked.
            || line.grant.certificate == nil && !hashes.insert(line.hash).inserted
        {
            throw AccessError(
                en: "\(line.grant.id) or its hash is there twice",
                zh: "\(line.grant.id) 或其散列值重复出现"
            ).inLine(index + 2)
        }
    }
}

extension TokenFile.Line {
    fileprivate init(_ value: JSONValue) throws(AccessError) {
        self.init(
            grant: try Grant(try value.take("grant") { $0 }),
            hash: try value.take("hash") { $0.string.flatMap { Digest(hex: $0) } })
        if let revocation = value["revoked"] { revoked = try Revocation(revocation) }
        guard grant.certificate == nil || grant.certificate == hash else {
            throw AccessError(
                en: "the hash is not the certificate's", zh: "散列值与证书指纹不符")
        }
        guard json.canonicalBytes == value.canonicalBytes else { throw .unknownMember }
    }
}

extension AccessError {
    fileprivate static let unknownMember = AccessError(
        en: "has a member that is not known", zh: "含未知成员")

    fileprivate func inLine(_ number: Int) -> AccessError {
        AccessError(en: "line \(number): \(phrase.en)", zh: "第 \(number) 行：\(phrase.zh)")
    }
}

// MARK: - On disk

extension TokenFile {
    package static func path(in ledger: String) -> String { "\(ledger)/\(name)" }

    /// The tokens of the ledger in the folder `ledger`; none if it has no such file.
    package static func load(_ ledger: String, origin: String) throws(AccessError) -> TokenFile {
        let path = path(in: ledger)
        let bytes: [UInt8]
        do throws(FileError) {
            guard DurableFile.exists(path) else { return TokenFile(origin: origin) }
            let file = try ByteFile(path, .read)
            guard try file.permissions() == 0o600 else {
                throw FileError(
                    Phrase(
                        en: "\(path) can be read or written by others than its owner: see who did, "
                            + "then type chmod 600 \(path)",
                        zh: "\(path) 的权限不是 0600，他人可能读写：请先查明原因，再执行 chmod 600 \(path)"))
            }
            bytes = try file.read(min(try file.size(), byteCountMax + 1), at: 0)
        } catch {
            throw AccessError(error.phrase)
        }
        do throws(AccessError) {
            return try TokenFile(bytes, origin: origin)
        } catch {
            throw AccessError(
                en: "\(path): \(error.phrase.en)", zh: "\(path)：\(error.phrase.zh)")
        }
    }

    /// Puts this in the file's place; a crash leaves the old one or the new one.
    package func save(_ ledger: String) throws(FileError) {
        let path = TokenFile.path(in: ledger)
        // A draft that lies there would keep its mode.
        try DurableFile.remove(path + ".new")
        try DurableFile.replace(path, with: bytes, mode: 0o600)
    }
}
