import CanonicalJSON
import Phrases
import Records

// Refusals are made here, off the path of a sound event: only they turn places into text.
extension EventJudge {
    mutating func refuse(_ code: Refusal.Code, _ en: String, _ zh: String) {
        refusals.append(Refusal(code, at: pointer, en: en, zh: zh))
    }

    mutating func refuse(
        _ code: Refusal.Code, _ expected: Phrase, _ value: JSONView, _ check: MemberCheck
    ) {
        let found =
            isSecret
            ? Phrase(en: "another value", zh: "其他值") : ValueCheck.found(value, check)
        refuse(
            code, "expected \(expected.en), found \(found.en)", "应为\(expected.zh)，实为\(found.zh)")
    }

    mutating func refuseUnsealed() {
        let reason = EncryptedFields.needsVault
        refuse(.needsSealing, reason.en, reason.zh)
    }

    func expected(_ check: MemberCheck, _ plan: MemberPlan) -> Phrase {
        ValueCheck.expected(check, words: check.words >= 0 ? plan.words[check.words].texts : [])
    }

    mutating func refuseUnknown(_ name: JSONView, _ plan: MemberPlan) {
        if isSecret {
            // A name could be what must not be told.
            return refuse(
                .unknownMember, "it has a member that it must not have; remove it",
                "含有不应有的成员，请删去")
        }
        let text = name.string ?? ""
        let isTop = steps.isEmpty
        at(.member(name.utf8)) {
            if isTop, UniformMember(rawValue: text)?.mends == true {
                $0.refuse(
                    .unknownMember,
                    "only entry.corrected and entry.withdrawn mend an entry; remove it",
                    "只有 entry.corrected 和 entry.withdrawn 可以更正或撤回记载，请删去")
            } else {
                $0.refuse(
                    .unknownMember,
                    "\($0.type.name) has no such member; remove it or correct its name",
                    "\($0.type.name) 没有此成员，请删去或更正名称")
            }
        }
    }

    mutating func refuseMissing(_ missing: UInt64, _ plan: MemberPlan) {
        for place in plan.checks.indices where missing & 1 << UInt64(place) != 0 {
            let name = plan.name(place)
            if !demandsOperator, steps.isEmpty, name == UniformMember.operator.rawValue { continue }
            let title = plan.titles[place]
            refusals.append(
                Refusal(
                    .missing, at: pointer + "/" + pointerToken(name),
                    en: "\(title.en) is required and missing", zh: "缺少必填项“\(title.zh)”"))
        }
    }

    mutating func refuseNoOpinion(_ index: Int) {
        at(.word("participants"), .index(index)) {
            $0.refuse(
                .missing,
                "say the opinion; \"not-stated\" and \"not-recorded\" are answers too",
                "缺少意见；未表态填 not-stated，未记录填 not-recorded")
        }
    }

    mutating func refuseTooFew(_ required: RequiredParticipants, _ count: Int) {
        let title =
            catalogue.role(required.role)?.title ?? Phrase(en: required.role, zh: required.role)
        at(.word("participants")) {
            $0.refuse(
                .missing,
                "name \(required.minimum) or more as \(required.role) (\(title.en)), not \(count)",
                "应至少写明 \(required.minimum) 名“\(title.zh)”（\(required.role)），实为 \(count) 名")
        }
    }

    mutating func at(_ more: Step..., body: (inout EventJudge) -> Void) {
        steps += more
        body(&self)
        steps.removeLast(more.count)
    }

    /// RFC 6901.
    private var pointer: String {
        var pointer = "\(base)"
        for step in steps {
            switch step {
            case .member(let name):
                pointer += "/" + pointerToken(String(decoding: name, as: UTF8.self))
            case .word(let word): pointer += "/\(word)"
            case .index(let index): pointer += "/\(index)"
            }
        }
        return pointer
    }
}
