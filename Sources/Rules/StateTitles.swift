import Catalogue
package import Phrases

extension DutyStanding.State {
    package var title: Phrase {
        switch self {
        case .running: Phrase(en: "running", zh: "进行中")
        case .paused: Phrase(en: "paused", zh: "中止")
        case .met: Phrase(en: "met", zh: "按期")
        case .late: Phrase(en: "late", zh: "逾期办理")
        case .early: Phrase(en: "early", zh: "过早")
        case .overdue: Phrase(en: "overdue", zh: "逾期未办")
        case .deemed: Phrase(en: "deemed", zh: "视为")
        case .lapsed: Phrase(en: "fallen away", zh: "免除")
        }
    }
}

extension Finding.State {
    package var title: Phrase {
        switch self {
        case .open: Phrase(en: "open", zh: "未处理")
        case .explained: Phrase(en: "explained", zh: "已说明")
        case .confirmed: Phrase(en: "confirmed", zh: "已认定")
        case .dismissed: Phrase(en: "dismissed", zh: "已排除")
        case .rectified: Phrase(en: "rectified", zh: "已整改")
        }
    }
}

extension Rule.Level {
    package var title: Phrase {
        switch self {
        case .refuse: Phrase(en: "forbidden", zh: "禁止")
        case .flag: Phrase(en: "flag", zh: "提示")
        }
    }
}
