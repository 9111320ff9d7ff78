import CanonicalJSON
import Digests
import Foundation
import Phrases
import Sealing
import TestKit
import Testing

/// A box of the vectors, and what is to be found when it is opened.
private struct Case {
    let box: JSONValue
    let place: BoxPlace
    let key: DataKey
    let value: String?
    let error: String?

    init(_ json: JSONValue) throws {
        func text(_ name: String) throws -> String { try #require(json[name]?.string) }
        box = try #require(json["box"])
        place = BoxPlace(
            origin: try text("origin"), source: try text("source"), id: try text("id"),
            pointer: try text("pointer"))
        let secret = try #require(Hex.decode(try text("dataKey")))
        let handle = try #require(Hex.decode(try text("handle")))
        key = DataKey { count in
            SecretBytes(copying: count == KeyHandle.byteCount ? handle : secret)
        }
        (value, error) = (json["value"]?.string, json["error"]?.string)
    }
}

@Suite struct BoxTests {
    private let boxes: [Case]
    private let refused: [Case]

    init() throws {
        let json = try Vectors.json()
        boxes = try Vectors.list(json, "boxes").map(Case.init)
        refused = try Vectors.list(json, "refused").map(Case.init)
    }

    @Test func `boxes are those of the vectors, and open`() throws {
        #expect(boxes.count == 14)
        for vector in boxes {
            let value = try #require(vector.value)
            let box = try SealedBox(vector.box)
            #expect(box.json == vector.box)
            #expect(try text(box.open(with: vector.key, at: vector.place)) == value)
            let made = try seal(value, vector.key, vector.place, box.algorithm)
            #expect(made == box)
        }
    }

    @Test func `what was moved, changed, or is under another key is refused by name`() throws {
        #expect(refused.count == 38)
        let errors: [String: SealingError] = [
            "other-key-or-place": .otherKeyOrPlace, "changed": .changed,
            "bad-padding": .badPadding, "no-box": .noBox,
        ]
        #expect(Set(refused.compactMap(\.error)) == Set(errors.keys))
        for vector in refused {
            let expected = try #require(vector.error.flatMap { errors[$0] })
            #expect(throws: expected) {
                try SealedBox(vector.box).open(with: vector.key, at: vector.place)
            }
        }
    }

    @Test(arguments: BoxAlgorithm.allCases)
    func `no bit of a box can be changed`(algorithm: BoxAlgorithm) throws {
        let key = DataKey(VaultMaker.chance)
        let box = try seal(#""张三""#, key, VaultMaker.place, algorithm)
        var refusals = 0
        for (name, count) in [("box", box.ciphertext.count), ("commitment", 32), ("handle", 16)] {
            for bit in 0..<count * 8 {
                let forged = try SealedBox(Self.flip(box.json, name, bit))
                #expect(throws: SealingError.self, "\(name), bit \(bit)") {
                    try forged.open(with: key, at: VaultMaker.place)
                }
                refusals += 1
            }
        }
        #expect(refusals == (box.ciphertext.count + 48) * 8)
    }

    @Test func `a ciphertext with the key and commitment of another box does not open`() throws {
        let (one, two) = (DataKey(VaultMaker.chance), DataKey(VaultMaker.chance))
        let (first, second) = (try VaultMaker.box(one), try VaultMaker.box(two))
        #expect(throws: SealingError.otherKeyOrPlace) {
            try first.open(with: two, at: VaultMaker.place)
        }
        guard case .object(let outer) = first.json, let inner = outer.first?.value,
            let other = second.json["sealed"]?["box"]
        else { throw SealingError.noBox }
        let mixed = try SealedBox(["sealed": inner.setting("box", other)])
        #expect(throws: SealingError.changed) { try mixed.open(with: one, at: VaultMaker.place) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `any value comes back, and its length is hidden in a class`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        for _ in 0..<60 {
            let count = Int.random(
                in: 0...Int.random(in: 1...16_383, using: &random), using: &random)
            let value = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let key = DataKey(VaultMaker.chance)
            for algorithm in BoxAlgorithm.allCases {
                let box = try value.withUnsafeBytes {
                    try SealedBox(sealing: $0, with: key, at: VaultMaker.place, algorithm)
                }
                let again = try SealedBox(JSONValue(parsing: box.json.canonicalBytes))
                let opened = try again.open(with: key, at: VaultMaker.place)
                #expect(opened.withBytes { Array($0) } == value, "seed \(seed)")
                #expect(box.sizeClass == Padding.sizeClass(of: count))
            }
        }
    }

    @Test func `lengths have few classes, and an end`() throws {
        #expect(Padding.sizeClass(of: 0) == 64)
        #expect(Padding.sizeClass(of: 63) == 64)
        #expect(Padding.sizeClass(of: 64) == 128)
        #expect(Padding.sizeClass(of: 16_383) == 16_384)
        #expect(Padding.sizeClass(of: 16_384) == nil)
        #expect(throws: SealingError.tooLarge(16_384, max: 16_383)) {
            try seal(
                String(repeating: "x", count: 16_384), DataKey(VaultMaker.chance),
                VaultMaker.place, .aes256GCM)
        }
    }

    @Test func `equal values look different, and nothing of them shows`() throws {
        let value = #""13800000000""#
        let made = try (0..<2).map { _ in
            try seal(value, DataKey(VaultMaker.chance), VaultMaker.place, .aes256GCM)
        }
        #expect(made[0].ciphertext != made[1].ciphertext)
        #expect(made[0].commitment != made[1].commitment)
        for box in made {
            let digest = SHA256.digest(of: value.utf8)
            #expect(box.commitment != digest.bytes)
            #expect(!box.json.canonicalText.contains("138"))
        }
        // A key that seals at two places gives each its own.
        let key = DataKey(VaultMaker.chance)
        let other = BoxPlace(
            origin: VaultMaker.origin, source: "urn:hotline", id: "e1", pointer: "/data/x")
        let (here, there) = (
            try seal(value, key, VaultMaker.place, .aes256GCM),
            try seal(value, key, other, .aes256GCM)
        )
        #expect(here.ciphertext != there.ciphertext && here.commitment != there.commitment)
    }

    @Test func `refusals say nothing of the value, in both languages`() {
        let errors: [SealingError] = [
            .tooLarge(20_000, max: 16_383), .noBox, .otherKeyOrPlace, .changed, .badPadding,
            .notForThisHolder,
        ]
        #expect(Set(errors.map(\.phrase.zh)).count == errors.count)
        #expect(Set(errors.map(\.phrase.en)).count == errors.count)
    }

    private func seal(
        _ value: String, _ key: DataKey, _ place: BoxPlace, _ algorithm: BoxAlgorithm
    ) throws -> SealedBox {
        try Array(value.utf8).withUnsafeBytes {
            try SealedBox(sealing: $0, with: key, at: place, algorithm)
        }
    }

    private func text(_ secret: SecretBytes) -> String {
        secret.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func flip(_ json: JSONValue, _ name: String, _ bit: Int) throws -> JSONValue {
        let inner = try #require(json["sealed"])
        var bytes = try #require(inner[name]?.string.flatMap { Base64URL.decode($0) })
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return ["sealed": inner.setting(name, .string(Base64URL.encode(bytes)))]
    }
}

extension JSONValue {
    fileprivate func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.name == name ? JSONMember(name, value) : $0 })
    }
}

enum Vectors {
    static func json() throws -> JSONValue {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/vectors/sealing-boxes.json")
        return try JSONValue(parsing: Data(contentsOf: file))
    }

    static func list(_ json: JSONValue, _ name: String) throws -> [JSONValue] {
        guard case .array(let elements) = json[name] else { throw SealingError.noBox }
        return elements
    }
}
