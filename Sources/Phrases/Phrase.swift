/// A sentence for people, in both languages of the bureau.
///
/// Core modules say what is wrong as a phrase; the program picks the language once, when it prints.
package struct Phrase: Hashable, Sendable, CustomStringConvertible {
    package let en: String
    package let zh: String

    package init(en: String, zh: String) {
        self.en = en
        self.zh = zh
    }

    package var description: String { en }

    package subscript(language: Language) -> String {
        switch language {
        case .english: en
        case .chinese: zh
        }
    }
}

/// The languages in which Hanqing speaks to people.
package enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case chinese = "zh"
}
