import Access
import Catalogue
import Phrases
import Testing

@Suite struct RightTests {
    @Test(arguments: [
        ("append", "append:*"), ("append:penalty", "append:penalty"), ("assert:*", "assert:*"),
        ("read:public", "read:public:*"), ("read:supervisory:penalty", "read:supervisory:penalty"),
        ("audit", "audit:*"), ("approve:penalty", "approve:penalty"),
        ("administer:security", "administer:security"),
    ])
    func `a right is typed, and written in one form`(typed: String, written: String) throws {
        #expect(try Right(typed).text == written)
        #expect(Right(written: written) != nil)
        #expect((Right(written: typed) != nil) == (typed == written))
    }

    @Test(arguments: [
        ("apend:penalty", "append"), ("read:pubic", "public"), ("administer:securty", "security"),
        ("audits", "audit"), ("read", "public, internal, supervisory"), ("", "no such right"),
        ("append:", "is no right"), ("append:Penalty", "is no right"),
        ("append:penalty:x", "is no right"), ("administer", "system, security, audit"),
        ("administer:system:*", "is no right"), ("read:sensitive", "no such level"),
        ("open:vault", "no such right"),
    ])
    func `what is no right is refused, with what may have been meant`(typed: String, words: String)
    {
        do throws(AccessError) {
            Issue.record("\(try Right(typed))")
        } catch {
            #expect(error.phrase.en.contains(words), "\(error.phrase.en)")
            #expect(!error.phrase.zh.isEmpty)
        }
    }

    @Test func `what another right includes is left out, and the rest is in order`() throws {
        let typed = [
            "read:public:penalty", "append:penalty", "append:*", "read:internal:*", "audit:permit",
            "read:supervisory:permit", "append:*", "approve:penalty",
        ]
        let rights = Right.normal(try typed.map { try Right($0) })
        #expect(
            rights.map(\.text) == [
                "append:*", "append:penalty", "approve:penalty", "audit:permit", "read:internal:*",
                "read:public:penalty",
            ])
    }

    @Test func `a right for all does not hold for what is kept apart`() throws {
        for kind in ["append", "approve", "assert", "audit", "read:supervisory"] {
            let (all, one) = (try Right("\(kind):*"), try Right("\(kind):staff-report"))
            #expect(all.includes(one, apart: []))
            #expect(!all.includes(one, apart: ["staff-report"]))
            #expect(one.includes(one, apart: ["staff-report"]) && all.includes(all, apart: ["*"]))
        }
        let read = try Right("read:public:staff-report")
        #expect(try !Right("audit:*").includes(read, apart: ["staff-report"]))
    }

    /// Including is an order: what normal form leaves out does not depend on how it was typed.
    @Test func `including is reflexive, antisymmetric and transitive`() throws {
        let procedures = ["*", "penalty", "permit"]
        let levels = Redaction.allCases.map(\.rawValue)
        var texts = ["administer:system", "administer:security", "administer:audit"]
        for procedure in procedures {
            texts += ["append", "assert", "audit", "approve"].map { "\($0):\(procedure)" }
            texts += levels.map { "read:\($0):\(procedure)" }
        }
        let rights = try texts.map { try Right($0) }
        for first in rights {
            #expect(first.includes(first, apart: []))
            for second in rights where second != first && first.includes(second, apart: []) {
                #expect(!second.includes(first, apart: []))
                for third in rights where second.includes(third, apart: []) {
                    #expect(first.includes(third, apart: []))
                }
            }
        }
    }
}
