import Catalogue
package import Phrases

extension Right {
    /// What it lets its owner do.
    package var words: Phrase {
        let cases = scope?.words ?? Phrase(en: "", zh: "")
        return switch self {
        case .append:
            Phrase(en: "submit events to \(cases.en)", zh: "向\(cases.zh)登记事件")
        case .assert:
            Phrase(en: "assert facts in \(cases.en)", zh: "在\(cases.zh)中补报事实")
        case .read(let level, _):
            Phrase(
                en: "read \(cases.en), level \(level.title.en)",
                zh: "查阅\(cases.zh)（\(level.title.zh)级）")
        case .audit(.all):
            Phrase(en: "read every record as it is", zh: "查阅全部原始记录")
        case .audit:
            Phrase(en: "read the records of \(cases.en) as they are", zh: "查阅\(cases.zh)的原始记录")
        case .approve:
            Phrase(en: "be the second person in \(cases.en)", zh: "在\(cases.zh)中担任复核人")
        case .administer(let kind): kind.title
        }
    }
}

extension Right.Scope {
    fileprivate var words: Phrase {
        switch self {
        case .all: Phrase(en: "cases of all procedures", zh: "全部程序的案件")
        case .procedure(let id): Phrase(en: "cases of \(id)", zh: " \(id) 案件")
        }
    }
}
