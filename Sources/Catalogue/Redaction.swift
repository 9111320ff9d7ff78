package import Phrases

/// At what level somebody reads: which of the fields' reading classes are shown to him.
///
/// Encrypted classes never leave. A reporter's identity is shown at no level: persons in that role
/// are left out before a value is made.
package enum Redaction: String, Sendable, CaseIterable {
    /// 公开
    case open = "public"
    /// 内部
    case `internal`
    /// 监察
    case supervisory

    package var title: Phrase {
        switch self {
        case .open: Phrase(en: "public", zh: "公开")
        case .internal: Phrase(en: "internal", zh: "内部")
        case .supervisory: Phrase(en: "supervisory", zh: "监察")
        }
    }

    package var shown: Set<ReadingClass> {
        switch self {
        case .open: [.public]
        case .internal: [.public, .internal]
        case .supervisory: [.public, .internal, .personal, .trade]
        }
    }

    /// In the order of the catalogue.
    package var leftOut: [ReadingClass] {
        ReadingClass.allCases.filter { !shown.contains($0) }
    }
}

extension ReadingClass {
    package var title: Phrase {
        switch self {
        case .public: Phrase(en: "public", zh: "公开")
        case .internal: Phrase(en: "internal", zh: "内部")
        case .personal: Phrase(en: "personal", zh: "个人信息")
        case .trade: Phrase(en: "trade secret", zh: "商业秘密")
        case .sensitive: Phrase(en: "sensitive", zh: "敏感")
        case .sealed: Phrase(en: "sealed", zh: "密封")
        }
    }
}
