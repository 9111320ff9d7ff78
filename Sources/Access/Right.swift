package import Catalogue
package import Phrases

/// Something that a token lets its owner do: Specs/access.md section 3.
package enum Right: Hashable, Sendable {
    case append(Scope)
    case assert(Scope)
    case read(Redaction, Scope)
    case audit(Scope)
    case approve(Scope)
    case administer(Administrator)

    /// In which procedures.
    package enum Scope: Hashable, Sendable {
        case all
        case procedure(String)

        /// Whether it holds for all of `other`; `apart` are procedures that must be named.
        fileprivate func includes(_ other: Scope, _ apart: Set<String>) -> Bool {
            if self == other { return true }
            guard self == .all, case .procedure(let id) = other else { return false }
            return !apart.contains(id)
        }

        fileprivate var text: String {
            switch self {
            case .all: "*"
            case .procedure(let id): id
            }
        }
    }

    /// Three who exclude one another (三员分立).
    package enum Administrator: String, Sendable, CaseIterable {
        case system, security, audit

        package var title: Phrase {
            switch self {
            case .system: Phrase(en: "system administrator", zh: "系统管理员")
            case .security: Phrase(en: "security administrator", zh: "安全管理员")
            case .audit: Phrase(en: "audit administrator", zh: "审计管理员")
            }
        }
    }

    /// As it is written down.
    package var text: String {
        switch self {
        case .append(let scope): "append:\(scope.text)"
        case .assert(let scope): "assert:\(scope.text)"
        case .read(let level, let scope): "read:\(level.rawValue):\(scope.text)"
        case .audit(let scope): "audit:\(scope.text)"
        case .approve(let scope): "approve:\(scope.text)"
        case .administer(let kind): "administer:\(kind.rawValue)"
        }
    }

    /// The procedures it is about; nil where there are none.
    package var scope: Scope? {
        switch self {
        case .append(let scope), .assert(let scope), .read(_, let scope), .audit(let scope),
            .approve(let scope):
            scope
        case .administer: nil
        }
    }

    /// Whether who has this one may do all that `other` lets him.
    ///
    /// `apart` are the procedures that a right for all does not cover.
    package func includes(_ other: Right, apart: Set<String>) -> Bool {
        switch (self, other) {
        case (.append(let mine), .append(let theirs)), (.assert(let mine), .assert(let theirs)),
            (.audit(let mine), .audit(let theirs)), (.approve(let mine), .approve(let theirs)),
            (.audit(let mine), .read(_, let theirs)):
            mine.includes(theirs, apart)
        case (.read(let level, let mine), .read(let lower, let theirs)):
            mine.includes(theirs, apart) && level.shown.isSuperset(of: lower.shown)
        case (.administer(let mine), .administer(let theirs)): mine == theirs
        default: false
        }
    }

    /// Whether nobody grants it to himself.
    var isGrave: Bool {
        switch self {
        case .append, .read: false
        case .assert, .audit, .approve, .administer: true
        }
    }

    /// In the order of their bytes, without what another one of the same scope includes.
    ///
    /// One for all procedures does not include one that names its own: that may be kept apart.
    package static func normal(_ rights: [Right]) -> [Right] {
        let distinct = Set(rights)
        return distinct.filter { right in
            !distinct.contains {
                $0 != right && $0.scope == right.scope && $0.includes(right, apart: [])
            }
        }.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }
}

// MARK: - Reading

extension Right {
    /// The right typed as `text`; where no procedure is named, for all.
    package init(_ text: String) throws(AccessError) {
        var words = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let name = words.removeFirst()
        guard Right.names.contains(name) else {
            throw .unknown(text, "right", "权限", NearestName.of(name, in: Right.names))
        }
        if name == "administer" {
            self = .administer(try Right.take(&words, text, "administrator", "管理员类别"))
        } else if name == "read" {
            let level: Redaction = try Right.take(&words, text, "level", "级别")
            self = .read(level, Right.takeScope(&words))
        } else {
            let scope = Right.takeScope(&words)
            self =
                switch name {
                case "append": .append(scope)
                case "assert": .assert(scope)
                case "audit": .audit(scope)
                default: .approve(scope)
                }
        }
        guard words.isEmpty, scope?.isSound ?? true else {
            throw AccessError(
                en: "\"\(text)\" is no right: write for instance append:penalty, "
                    + "read:internal:*, administer:security",
                zh: "“\(text)”不是有效的权限：可写如 append:penalty、read:internal:*、administer:security")
        }
    }

    /// The right in its one written form, or nil.
    package init?(written text: String) {
        guard let right = try? Right(text), right.text == text else { return nil }
        self = right
    }

    private static let names = ["administer", "append", "approve", "assert", "audit", "read"]

    private static func takeScope(_ words: inout [String]) -> Scope {
        guard !words.isEmpty else { return .all }
        let word = words.removeFirst()
        return word == "*" ? .all : .procedure(word)
    }

    private static func take<Word: RawRepresentable & CaseIterable>(
        _ words: inout [String], _ text: String, _ en: String, _ zh: String
    ) throws(AccessError) -> Word where Word.RawValue == String {
        let known = Word.allCases.map(\.rawValue)
        let word = words.isEmpty ? "" : words.removeFirst()
        guard let value = Word(rawValue: word) else {
            throw .unknown(text, en, zh, NearestName.of(word, in: known), known)
        }
        return value
    }
}

extension Right.Scope {
    fileprivate var isSound: Bool {
        switch self {
        case .all: true
        case .procedure(let id): Name.isSound(id)
        }
    }
}

extension AccessError {
    /// `what` is not known; `nearest` may have been meant.
    static func unknown(
        _ text: String, _ en: String, _ zh: String, _ nearest: String?, _ known: [String] = []
    ) -> AccessError {
        var phrase = Phrase(en: "\"\(text)\": no such \(en)", zh: "“\(text)”：没有这样的\(zh)")
        if let nearest {
            phrase = Phrase(
                en: "\(phrase.en); did you mean \(nearest)?", zh: "\(phrase.zh)；是否为 \(nearest)？")
        } else if !known.isEmpty {
            let list = known.joined(separator: ", ")
            phrase = Phrase(en: "\(phrase.en); one of \(list)", zh: "\(phrase.zh)；可为 \(list)")
        }
        return AccessError(phrase)
    }
}
