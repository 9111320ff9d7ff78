import Access
import CanonicalJSON
import Records
import Testing

@Suite struct GrantTests {
    private let full = Maker.grant(
        7, .system("penalty-system"), ["append:*", "assert:penalty", "read:internal:permit"],
        roles: ["squad", "officer"], speaksFor: ["P-3", "P-2", "P-3"])

    @Test func `what is written is read again`() throws {
        for grant in [full, Maker.grant(1, .person("P-1"), ["administer:audit"])] {
            #expect(grant.faults == [])
            #expect(try Grant(grant.json) == grant)
        }
        #expect(full.roles == ["officer", "squad"])
        #expect(full.speaksFor.texts == ["P-2", "P-3"])
    }

    @Test(arguments: [
        ("rights", #"["audit:permit","read:public:permit"]"#), ("rights", #"["append"]"#),
        ("rights", "[]"), ("rights", #"["append:*","append:*"]"#), ("rights", #"["fly:*"]"#),
        ("rights", #"[7]"#), ("roles", #"["squad","officer"]"#), ("roles", "[]"),
        ("speaksFor", #"["*","P-2"]"#), ("speaksFor", "[]"), ("speaksFor", #"["1"]"#),
        ("owner", #"{"person":"P-1","x":1}"#), ("owner", #"{"system":"Bad Name"}"#),
        ("owner", "{}"), ("owner", #"{"person":"P 1"}"#), ("name", #""""#), ("name", #"" x""#),
        ("name", #""a\nb""#), ("expires", #""2026-12-01""#),
        ("expires", #""2019-01-01T00:00:00.000000Z""#),
        ("expires", #""2029-01-01T00:00:00.000000Z""#), ("rate", #"{"burst":1,"perSecond":0}"#),
        ("rate", #"{"burst":1}"#), ("rate", #"{"burst":1,"perSecond":1,"x":1}"#),
        ("by", #""""#), ("id", #""tk-1""#), ("extra", "1"), ("reason", "null"),
    ])
    func `anything else is refused`(member: String, value: String) throws {
        var members = (full.json.members ?? []).filter { $0.name != member }
        members.append(JSONMember(member, try JSONValue(parsing: value.utf8)))
        #expect(throws: AccessError.self) { _ = try Grant(JSONValue.object(members)) }
    }

    @Test func `each member is needed but the optional ones`() throws {
        for member in full.json.members ?? [] {
            let rest = (full.json.members ?? []).filter { $0.name != member.name }
            let isOptional = ["roles", "speaksFor"].contains(member.name)
            #expect(((try? Grant(JSONValue.object(rest))) != nil) == isOptional, "\(member.name)")
        }
    }

    @Test(arguments: [
        ("1d", "2026-12-02T08:00:00.000000Z"), ("366d", "2027-12-02T08:00:00.000000Z"),
        ("2026-12-01", "2026-12-01T16:00:00.000000Z"),
        ("2027-02-28", "2027-02-28T16:00:00.000000Z"),
    ])
    func `an expiry counts days, or goes through a day in Beijing`(
        text: String, moment: String
    )
        throws
    {
        #expect(try Expiry(text).moment(from: Maker.now).text == moment)
    }

    @Test(arguments: ["", "0d", "367d", "d", "-1d", "90", "2027-02-29", "2027-2-1", "never"])
    func `what is no expiry is refused`(text: String) {
        #expect(throws: AccessError.self) { _ = try Expiry(text) }
    }
}
