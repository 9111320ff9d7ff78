package import CanonicalJSON
package import Digests

/// How a box is sealed: Specs/sealing.md section 2.
package enum BoxAlgorithm: String, Sendable, CaseIterable {
    case aes256GCM = "aes-256-gcm"
    case sm4 = "sm4-ctr-hmac-sm3"

    /// How many bytes longer than the padded value what is sealed is.
    var tagByteCount: Int {
        switch self {
        case .aes256GCM: AES256GCM.tagByteCount
        case .sm4: SM4CTRWithHMAC.tagByteCount
        }
    }
}

/// Where a value stands: a box opens nowhere else.
package struct BoxPlace: Hashable, Sendable {
    /// Of the ledger.
    package let origin: String
    /// Of the event, as its `source` and `id`.
    package let source: String
    package let id: String
    /// The JSON pointer of the field from the event, such as `/data/reporterName`.
    package let pointer: String

    package init(origin: String, source: String, id: String, pointer: String) {
        (self.origin, self.source) = (origin, source)
        (self.id, self.pointer) = (id, pointer)
    }

    /// What keys are derived for, and what the box is bound to.
    func bytes(_ algorithm: BoxAlgorithm) -> [UInt8] {
        JSONValue.array([
            "hanqing-box/v1", .string(algorithm.rawValue), .string(origin), .string(source),
            .string(id), .string(pointer),
        ]).canonicalBytes
    }
}

/// A value of a record, encrypted.
package struct SealedBox: Hashable, Sendable {
    package let algorithm: BoxAlgorithm
    package let handle: KeyHandle
    /// Of the key, and of nothing else: 32 bytes.
    package let commitment: [UInt8]
    /// The padded value encrypted, and the tag.
    package let ciphertext: [UInt8]

    /// Seals `value`, in canonical form, with a key that has sealed nothing at this place.
    package init(
        sealing value: UnsafeRawBufferPointer, with key: DataKey, at place: BoxPlace,
        _ algorithm: BoxAlgorithm = .aes256GCM
    ) throws(SealingError) {
        let padded = try Padding.pad(value)
        let keys = BoxKeys(key, place, algorithm)
        self.algorithm = algorithm
        handle = key.handle
        commitment = keys.commitment.withBytes { Array($0) }
        ciphertext = padded.withBytes { keys.seal($0) }
    }

    /// The value, in canonical form.
    package func open(
        with key: DataKey, at place: BoxPlace
    ) throws(SealingError) -> SecretBytes {
        let keys = BoxKeys(key, place, algorithm)
        guard key.handle == handle, keys.commitment.isSameInConstantTime(as: commitment) else {
            throw .otherKeyOrPlace
        }
        guard let padded = keys.open(ciphertext) else { throw .changed }
        return try Padding.strip(padded)
    }

    /// Bytes of the padded value: all that a box tells of how long the value is.
    package var sizeClass: Int { ciphertext.count - algorithm.tagByteCount }
}

/// What a data key becomes at one place.
private struct BoxKeys {
    private let cipher: Cipher
    private let place: [UInt8]
    let commitment: SecretBytes

    private enum Cipher {
        case aes256GCM(key: SecretBytes, nonce: [UInt8])
        case sm4(key: SM4CTRWithHMAC.Key, vector: [UInt8])
    }

    init(_ key: DataKey, _ place: BoxPlace, _ algorithm: BoxAlgorithm) {
        self.place = place.bytes(algorithm)
        let (hash, lengths): (HashFunction, [Int]) =
            switch algorithm {
            case .aes256GCM: (.sha256, [AES256GCM.keyByteCount, AES256GCM.nonceByteCount])
            case .sm4:
                (
                    .sm3,
                    [
                        SM4CTRWithHMAC.keyByteCount, SM4CTRWithHMAC.vectorByteCount,
                        SM4CTRWithHMAC.codeKeyByteCount,
                    ]
                )
            }
        let root = HKDF.extract(hash, salt: SecretBytes(copying: key.handle.bytes), key.secret)
        let end = lengths.reduce(0, +)
        let long = HKDF.expand(
            hash, root, info: self.place, count: end + SealedBox.commitmentByteCount)
        commitment = long.part(end..<end + SealedBox.commitmentByteCount)
        let first = long.part(0..<lengths[0])
        let vector = long.part(lengths[0]..<lengths[0] + lengths[1]).withBytes { Array($0) }
        cipher =
            switch algorithm {
            case .aes256GCM: .aes256GCM(key: first, nonce: vector)
            case .sm4:
                .sm4(
                    key: SM4CTRWithHMAC.Key(
                        cipher: first, code: long.part(lengths[0] + lengths[1]..<end)),
                    vector: vector)
            }
    }

    func seal(_ padded: UnsafeRawBufferPointer) -> [UInt8] {
        switch cipher {
        case .aes256GCM(let key, let nonce):
            AES256GCM.seal(padded, key: key, nonce: nonce, associated: place)
        case .sm4(let key, let vector):
            SM4CTRWithHMAC.seal(padded, key: key, vector: vector, associated: place)
        }
    }

    func open(_ sealed: [UInt8]) -> SecretBytes? {
        switch cipher {
        case .aes256GCM(let key, let nonce):
            AES256GCM.open(sealed, key: key, nonce: nonce, associated: place)
        case .sm4(let key, let vector):
            SM4CTRWithHMAC.open(sealed, key: key, vector: vector, associated: place)
        }
    }
}

// MARK: - As JSON

extension SealedBox {
    package static let commitmentByteCount = HashFunction.byteCount

    /// What stands in the record in place of the value.
    package var json: JSONValue {
        [
            "sealed": [
                "alg": .string(algorithm.rawValue), "box": .string(Base64URL.encode(ciphertext)),
                "commitment": .string(Base64URL.encode(commitment)),
                "handle": .string(handle.text),
            ]
        ]
    }

    /// The box that a record holds: exactly what ``json`` writes.
    package init(_ json: JSONValue) throws(SealingError) {
        guard case .object(let outer) = json, outer.count == 1, let inner = json["sealed"],
            case .object(let members) = inner, members.count == 4,
            let algorithm = inner["alg"]?.string.flatMap(BoxAlgorithm.init),
            let handle = inner["handle"]?.string.flatMap({ KeyHandle(text: $0) }),
            let commitment = inner["commitment"]?.string.flatMap({ Base64URL.decode($0) }),
            commitment.count == SealedBox.commitmentByteCount,
            let ciphertext = inner["box"]?.string.flatMap({ Base64URL.decode($0) }),
            Padding.isClass(ciphertext.count - algorithm.tagByteCount)
        else { throw .noBox }
        (self.algorithm, self.handle) = (algorithm, handle)
        (self.commitment, self.ciphertext) = (commitment, ciphertext)
    }
}
