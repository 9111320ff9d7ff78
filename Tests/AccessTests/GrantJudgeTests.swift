import Access
import Catalogue
import Phrases
import Testing

@Suite struct GrantJudgeTests {
    private func refusals(
        of grant: Grant, beside others: [Grant] = [], revoked: [TokenID] = []
    ) throws -> [String] {
        let lines = others.map { Maker.issued($0).line }
        let book = TokenBook(
            TokenFile(origin: Maker.origin, lines: lines), Maker.log(lines, revoking: revoked))
        return GrantJudge(try Maker.catalogue.get(), book, at: Maker.now).refusals(of: grant)
            .map(\.en)
    }

    @Test func `an ordinary grant is made`() throws {
        #expect(try refusals(of: Maker.grant()) == [])
        let system = Maker.grant(
            2, .system("hotline"), ["append:report", "read:public:*"], roles: ["hotline"],
            speaksFor: ["*"], reason: nil)
        #expect(try refusals(of: system) == [])
    }

    @Test(arguments: [
        (["append:penlty"], "did you mean penalty?"), (["read:internal:x"], "no such procedure"),
        (["append:ledger"], "no such procedure"), (["administer:system", "append:*"], "alone"),
        (["administer:system", "administer:audit"], "alone"),
        (["assert:penalty"], "assert needs append"),
        (["append:permit", "assert:penalty"], "needs append"),
    ])
    func `rights that cannot be are refused`(rights: [String], words: String) throws {
        let texts = try refusals(of: Maker.grant(1, .person("P-1"), rights))
        #expect(texts.contains { $0.contains(words) }, "\(texts)")
    }

    @Test func `roles are the catalogue's, and not those of one act`() throws {
        let near = try refusals(of: Maker.grant(roles: ["squd"]))
        #expect(near.contains { $0.contains("did you mean squad?") })
        #expect(try refusals(of: Maker.grant(roles: ["handler"])).count == 1)
        #expect(try refusals(of: Maker.grant(roles: ["squad", "court"])) == [])
    }

    /// 三员分立, over all live tokens of one person.
    @Test func `the three administrators exclude one another, approvers and auditors`() throws {
        let kinds = ["administer:system", "administer:security", "administer:audit"]
        let rights = kinds + ["approve:penalty", "audit:*", "append:*", "read:supervisory:*"]
        for first in rights {
            for second in rights {
                let held = Maker.grant(1, .person("P-1"), [first])
                let wanted = Maker.grant(2, .person("P-1"), [second])
                let isExcluded =
                    first != second
                    && (kinds.contains(first) && !second.hasPrefix("append")
                        && !second.hasPrefix("read")
                        || kinds.contains(second) && !first.hasPrefix("append")
                            && !first.hasPrefix("read"))
                let found = try refusals(of: wanted, beside: [held])
                #expect(found.isEmpty != isExcluded, "\(first), then \(second): \(found)")
                // Nobody else is concerned, and no token that is revoked.
                let other = Maker.grant(2, .person("P-2"), [second])
                #expect(try refusals(of: other, beside: [held]) == [])
                #expect(try refusals(of: wanted, beside: [held], revoked: [held.id]) == [])
            }
        }
    }

    @Test(arguments: ["administer:system", "approve:*", "audit:penalty", "assert:penalty"])
    func `nobody grants himself what is grave, or without a reason`(right: String) throws {
        let rights = right.hasPrefix("assert") ? ["append:penalty", right] : [right]
        let own = Maker.grant(1, .person("P-1"), rights, by: "P-1")
        #expect(try refusals(of: own).count == 1)
        let silent = Maker.grant(1, .person("P-1"), rights, reason: nil)
        #expect(try refusals(of: silent).count == 1)
        #expect(try refusals(of: Maker.grant(1, .person("P-1"), rights)) == [])
    }

    @Test func `only persons approve and administer, only systems speak for anybody`() throws {
        for right in ["approve:*", "administer:audit"] {
            #expect(try refusals(of: Maker.grant(1, .system("s"), [right])).count == 1)
        }
        #expect(try refusals(of: Maker.grant(speaksFor: ["*"])).count == 1)
        #expect(try refusals(of: Maker.grant(speaksFor: ["P-2", "P-3"])) == [])
        #expect(try refusals(of: Maker.grant(speaksFor: ["*", "P-3"])).count == 1)
    }

    @Test func `a person and a system are not called the same`() throws {
        let held = Maker.grant(1, .system("zhang"), ["append:*"])
        let wanted = Maker.grant(2, .person("zhang"), ["append:*"])
        #expect(try refusals(of: wanted, beside: [held]).count == 1)
        #expect(try refusals(of: wanted, beside: [held], revoked: [held.id]) == [])
    }
}
