import CanonicalJSON
import Catalogue
import Sampling
import Testing

/// Twelve thousand events by case.
private struct Cases {
    let events: [JSONValue]
    let byStream: [String: [JSONValue]]

    init(seed: UInt64) throws {
        events = try Grown.json(Grown.sampler(seed: seed).events(from: 0, count: 12_000))
        byStream = Dictionary(grouping: events) { $0["subject"]?.string ?? "" }
    }

    /// All strings under a member of this name, at any depth.
    func texts(_ name: String) -> [String] {
        events.flatMap { Cases.texts(name, in: $0) }
    }

    private static func texts(_ name: String, in value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            members.flatMap { member in
                if member.name == name, let text = member.value.string { return [text] }
                return texts(name, in: member.value)
            }
        case .array(let elements): elements.flatMap { texts(name, in: $0) }
        default: []
        }
    }
}

@Suite struct SampledCasesTests {
    @Test func `there are many cases of several procedures, and they run to their end`() throws {
        let cases = try Cases(seed: 11)
        let procedures = Set(cases.byStream.keys.map { $0.prefix { $0 != "/" } })
        #expect(procedures == ["decision", "penalty", "report"])
        #expect(cases.byStream.count > 1_000)
        let ended = cases.events.filter { $0["type"] == "penalty.closed" }
        #expect(ended.count > 100)
    }

    @Test func `time goes on within a case, but for what is entered late and says so`() throws {
        for (stream, events) in try Cases(seed: 12).byStream {
            let onTime = events.filter { $0["precision"] == nil }.compactMap { $0["time"]?.string }
            // One offset and one width: the texts sort as the times do.
            #expect(onTime == onTime.sorted(), "\(stream)")
        }
    }

    @Test func `what an event names as its cause came before it`() throws {
        let cases = try Cases(seed: 13)
        var seen: Set<String> = []
        var count = 0
        for event in cases.events {
            for cause in event["data"]?["causes"]?.array ?? [] {
                #expect(seen.contains(cause["id"]?.string ?? ""))
                count += 1
            }
            seen.insert(event["id"]?.string ?? "")
        }
        #expect(count > 1_000)
        #expect(seen.count == cases.events.count)
    }

    @Test func `a report and the penalty that it led to name each other's case`() throws {
        let cases = try Cases(seed: 14)
        let named = cases.texts("penalty") + cases.texts("sourceRef")
        #expect(named.count > 200)
        #expect(named.filter { cases.byStream[$0] == nil }.isEmpty)
    }

    @Test func `credit codes have their check character and belong to one party of one case`()
        throws
    {
        let cases = try Cases(seed: 15)
        let codes = cases.texts("partyUscc") + cases.texts("objectUscc")
        #expect(codes.allSatisfy { Array($0.utf8).withUnsafeBytes { CreditCode.isSound($0) } })
        #expect(Set(codes).count > 500)
        let published = Set(cases.texts("CF_XDR_SHXYM"))
        #expect(published.isSubset(of: codes))
    }

    @Test func `texts differ in length and names say that they are fictitious`() throws {
        let cases = try Cases(seed: 16)
        let lengths = Set(cases.texts("facts").map(\.count))
        #expect(lengths.count > 100)
        #expect((lengths.max() ?? 0) > 400)
        for name in ["partyName", "objectName"] {
            let names = cases.texts(name)
            #expect(names.allSatisfy { $0.hasPrefix("虚构样例") })
            #expect(Set(names).count > 100)
        }
    }

    @Test func `document numbers bear the year of their case, and one decision has one number`()
        throws
    {
        for (stream, events) in try Cases(seed: 17).byStream where stream.hasPrefix("penalty/") {
            let decided = events.first { $0["type"] == "penalty.decided" }?["data"]?["docNo"]?
                .string
            let published = events.first { $0["type"] == "penalty.published" }
            guard let decided, let published else { continue }
            #expect(published["data"]?["fields"]?["CF_WSH"]?.string == decided)
            let year = stream.dropFirst("penalty/PN-".count).prefix(4)
            #expect(decided.contains("〔\(year)〕"))
        }
    }
}
