import CanonicalJSON
import Digests
import Sealing

/// What is sealed: Specs/sealing.md.
extension FuzzTarget {
    private static let origin = "vectors.example/v1"
    private static let place = BoxPlace(
        origin: origin, source: "urn:fuzz", id: "1", pointer: "/data/reporterName")
    /// Always the same bytes, so that a finding is repeated.
    private static func key(_ first: UInt8) -> DataKey {
        DataKey { count in
            SecretBytes(copying: (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0) })
        }
    }

    /// A box as a record holds it; then the input as a value that is sealed.
    static let box = FuzzTarget(
        "box", byteCountMax: 2_048,
        dictionary: [
            #"{"sealed":{"alg":"aes-256-gcm","box":""#, #"sm4-ctr-hmac-sm3"#, #"","commitment":""#,
            #"","handle":""#, #""}}"#,
        ]
    ) { (bytes) throws(Broken) in
        let isRead = try judgeBox(bytes)
        for algorithm in BoxAlgorithm.allCases { try judgeSealing(bytes, algorithm) }
        return isRead ? .read : .refused
    }

    private static func judgeBox(_ bytes: UnsafeRawBufferPointer) throws(Broken) -> Bool {
        guard let json = try? JSONValue(parsing: bytes), let box = try? SealedBox(json) else {
            return false
        }
        try demand(
            box.json.canonicalBytes == json.canonicalBytes, "a box that is read has one form")
        try demand((try? box.open(with: key(1), at: place)) == nil, "a strange key opens nothing")
        return true
    }

    private static func judgeSealing(
        _ value: UnsafeRawBufferPointer, _ algorithm: BoxAlgorithm
    ) throws(Broken) {
        let own = key(UInt8(value.count & 0x7F))
        guard let box = try? SealedBox(sealing: value, with: own, at: place, algorithm) else {
            throw Broken("does not hold: what is short enough is sealed")
        }
        let opened = try? box.open(with: own, at: place)
        try demand(
            opened?.withBytes { $0.elementsEqual(value) } ?? false, "what was sealed is opened")
        let elsewhere = BoxPlace(
            origin: place.origin, source: place.source, id: "2", pointer: place.pointer)
        try demand((try? box.open(with: own, at: elsewhere)) == nil, "it opens nowhere else")
        let other = DataKey { count in
            SecretBytes(copying: [UInt8](repeating: UInt8(count & 0xFF), count: count))
        }
        try demand((try? box.open(with: other, at: place)) == nil, "no other key opens it")
        // The json of a box is read back, with one bit of what is encrypted changed.
        guard var members = box.json["sealed"]?.members else { return }
        var sealed = box.ciphertext
        sealed[value.count % sealed.count] ^= 1
        members = members.map {
            $0.name == "box" ? JSONMember("box", .string(Base64URL.encode(sealed))) : $0
        }
        let changed = try? SealedBox(["sealed": .object(members)])
        try demand(changed != nil, "a changed box has the form of one")
        try demand((try? changed?.open(with: own, at: place)) == nil, "a changed box is refused")
    }

    /// An encrypted attachment; then the input as a file that is encrypted.
    static let sealedFile = FuzzTarget(
        "sealed-file", byteCountMax: 4_096, dictionary: ["hanqing-file/v1\n"]
    ) { (bytes) throws(Broken) in
        let header = Array(bytes.prefix(SealedFile.headerByteCount))
        let isOurs = SealedFile.handle(header) != nil
        let strange = try? SealedFileReader(header: header, key(1), origin: origin)
        try demand(strange == nil, "a strange key opens no file")
        let own = key(UInt8(bytes.count & 0x7F))
        var writer = SealedFileWriter(own, origin: origin)
        let cut = bytes.count / 3
        let sealed =
            writer.header + writer.add(bytes[..<cut]) + writer.add(bytes[cut...]) + writer.finish()
        try demand(read(sealed, own).map { $0.elementsEqual(bytes) } ?? false, "it is read back")
        try demand(read(Array(sealed.dropLast()), own) == nil, "a part of it is refused")
        var changed = sealed
        changed[SealedFile.headerByteCount + cut % (sealed.count - SealedFile.headerByteCount)] ^= 1
        try demand(read(changed, own) == nil, "a changed one is refused")
        return isOurs ? .read : .refused
    }

    private static func read(_ sealed: [UInt8], _ key: DataKey) -> [UInt8]? {
        let header = Array(sealed.prefix(SealedFile.headerByteCount))
        guard var reader = try? SealedFileReader(header: header, key, origin: origin),
            let start = try? reader.add(sealed.dropFirst(SealedFile.headerByteCount)),
            let end = try? reader.finish()
        else { return nil }
        return start + end
    }

    /// A reporter's code as somebody types it.
    static let code = FuzzTarget("code", byteCountMax: 64, dictionary: ["-", " ", "00000"]) {
        (bytes) throws(Broken) in
        guard let code = ReporterCode(SecretBytes(copying: Array(bytes))) else { return .refused }
        let digits = bytes.filter { $0 != 0x20 && $0 != 0x2D }
        let shown = Array(code.shown.utf8)
        try demand(shown.filter { $0 != 0x20 } == digits, "it is shown as it was typed")
        try demand(ReporterCode(SecretBytes(copying: shown)) != nil, "what is shown can be typed")
        for place in digits.indices {
            var wrong = digits
            wrong[place] = 0x30 + (wrong[place] - 0x30 + 1) % 10
            try demand(
                ReporterCode(SecretBytes(copying: wrong)) == nil, "a wrong digit is noticed")
        }
        return .read
    }
}
