import CanonicalJSON
import Digests
import Sealing
import TestKit
import Testing

@Suite struct EventSealerTests {
    private let outside: HolderGroup
    private let sealer = EventSealer(origin: VaultMaker.origin)
    private let place = EventSealer.Place(source: "urn:hotline", id: "e1")
    private let data: JSONValue = [
        "channel": "12350", "names": ["甲", "乙"], "reporterName": "张三",
        "reporterPhone": "13800000000",
    ]

    init() throws {
        outside = try #require(HolderGroup("outside"))
    }

    private var members: [SealedMember] {
        [
            SealedMember("reporterName", for: VaultMaker.group, about: "P-1"),
            SealedMember("reporterPhone", for: VaultMaker.group, about: "P-1"),
            SealedMember("names", for: outside, about: "report/RP-1"),
            SealedMember("absent", for: outside, about: "P-9"),
        ]
    }

    private func keys() -> [KeyNeed: DataKey] {
        let needs = EventSealer.needs(of: data, members)
        return Dictionary(
            uniqueKeysWithValues: needs.map { ($0, DataKey(VaultMaker.chance)) })
    }

    private func text(_ secret: SecretBytes) -> String {
        secret.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a key for each subject and group, and none for what is not there`() {
        #expect(
            EventSealer.needs(of: data, members).map(\.subject) == ["P-1", "report/RP-1"])
        #expect(EventSealer.needs(of: ["channel": "12350"], members).isEmpty)
    }

    @Test func `values are sealed where they stand, and open there alone`() throws {
        let keys = keys()
        let sealed = try sealer.seal(data, at: place, members, keys)
        #expect(sealed["channel"] == "12350")
        #expect(sealed["absent"] == nil)
        #expect(sealed.members?.map(\.name) == data.members?.map(\.name))
        let text = sealed.canonicalText
        for clear in ["张三", "138", "甲", "reporter.example"] { #expect(!text.contains(clear)) }
        for member in members.prefix(3) {
            let key = try #require(keys[member.need])
            let value = try sealer.open(member.name, of: sealed, at: place, with: key)
            #expect(self.text(value) == data[member.name]?.canonicalText)
            for other in [
                EventSealer.Place(source: "urn:hotline", id: "e2"),
                EventSealer.Place(source: "urn:other", id: "e1"),
                EventSealer.Place(source: "urn:hotline", id: "e1", pointer: "/data/corrected"),
            ] {
                #expect(throws: SealingError.otherKeyOrPlace) {
                    try sealer.open(member.name, of: sealed, at: other, with: key)
                }
            }
        }
        // One field's box in the place of another's, under the same key.
        let swapped = JSONValue.object(
            (sealed.members ?? []).map { member in
                let other =
                    ["reporterName": "reporterPhone", "reporterPhone": "reporterName"][member.name]
                return JSONMember(member.name, other.flatMap { sealed[$0] } ?? member.value)
            })
        let key = try #require(keys[members[0].need])
        for name in ["reporterName", "reporterPhone"] {
            #expect(throws: SealingError.otherKeyOrPlace) {
                try sealer.open(name, of: swapped, at: place, with: key)
            }
        }
        #expect(throws: SealingError.noBox) {
            try sealer.open("channel", of: sealed, at: place, with: key)
        }
    }

    @Test func `what is too long to seal is refused`() {
        let long: JSONValue = ["reporterName": .string(String(repeating: "x", count: 17_000))]
        #expect(throws: SealingError.tooLarge(17_002, max: 16_383)) {
            try sealer.seal(long, at: place, members, keys())
        }
    }
}

@Suite struct RetriesTests {
    private let sealer = EventSealer(origin: VaultMaker.origin)
    private let name = Retries.EventName(source: "urn:hotline", id: "e1")
    private let members = ["reporterName"]
    private let data: JSONValue = ["channel": "12350", "reporterName": "张三"]

    private func sealed(_ data: JSONValue) throws -> JSONValue {
        let member = SealedMember("reporterName", for: VaultMaker.group, about: "P-1")
        return try sealer.seal(
            data, at: EventSealer.Place(source: name.source, id: name.id), [member],
            [member.need: DataKey(VaultMaker.chance)])
    }

    @Test func `the same again is the same, and another value a conflict, for a day`() throws {
        let recorded = try sealed(data)
        var retries = Retries(key: RandomBytes.secret(count: 32))
        retries.remember(name, data, members, by: "svc:hotline", at: 1_000)
        func verdict(
            _ data: JSONValue, by producer: String = "svc:hotline", at: Int64 = 2_000
        )
            -> Retries.Verdict
        {
            retries.compare(
                name, data, members, recorded: recorded, by: producer, at: at)
        }
        #expect(verdict(data) == .same)
        #expect(verdict(["channel": "12350", "reporterName": "李四"]) == .different)
        #expect(verdict(["channel": "12345", "reporterName": "张三"]) == .different)
        #expect(verdict(["channel": "12350"]) == .different)
        #expect(
            verdict(["channel": "12350", "more": "x", "reporterName": "张三"]) == .different)
        // Another producer learns nothing of the value.
        let guess: JSONValue = ["channel": "12350", "reporterName": "李四"]
        #expect(verdict(guess, by: "svc:other") == .sameAsFarAsSeen)
        #expect(verdict(data, at: 1_000 + 86_400) == .same)
        #expect(verdict(data, at: 1_001 + 86_400) == .sameAsFarAsSeen)
        #expect(retries.count == 0)
        #expect(verdict(guess, at: 90_000) == .sameAsFarAsSeen)
    }

    @Test func `another process compares what is in clear, and the length`() throws {
        let recorded = try sealed(data)
        var other = Retries(key: RandomBytes.secret(count: 32))
        func verdict(_ data: JSONValue) -> Retries.Verdict {
            other.compare(name, data, members, recorded: recorded, by: "svc:hotline", at: 0)
        }
        #expect(verdict(data) == .sameAsFarAsSeen)
        let long = String(repeating: "张", count: 40)
        #expect(verdict(["channel": "12350", "reporterName": .string(long)]) == .different)
        #expect(verdict(["channel": "12345", "reporterName": "张三"]) == .different)
    }

    @Test func `only so many are remembered, the newest`() {
        var retries = Retries(key: RandomBytes.secret(count: 32), countMax: 3)
        for number in 0..<5 {
            retries.remember(
                Retries.EventName(source: "s", id: "\(number)"), data, members, by: "p",
                at: Int64(number))
        }
        #expect(retries.count == 3)
    }
}
