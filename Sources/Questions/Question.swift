package import Catalogue
package import Phrases
package import Projections
import Rules

/// A question that the ledger must answer, and how it is answered: Specs/questions.md.
package struct Question: Sendable {
    /// Who asks it.
    package enum Asker: String, Sendable, CaseIterable {
        case audit, inspectorate, supervision, discipline, investigated, party, reporter
        case `public`

        package var title: Phrase {
            switch self {
            case .audit: Phrase(en: "audit", zh: "审计")
            case .inspectorate: Phrase(en: "rule-of-law inspection", zh: "督察监督")
            case .supervision: Phrase(en: "supervision", zh: "监督")
            case .discipline: Phrase(en: "discipline, tracing", zh: "监察/倒查")
            case .investigated: Phrase(en: "person under investigation", zh: "被调查人")
            case .party: Phrase(en: "party", zh: "当事人")
            case .reporter: Phrase(en: "reporter", zh: "举报人")
            case .public: Phrase(en: "public", zh: "公众")
            }
        }
    }

    package typealias Answering =
        @Sendable (any PastView, Arguments) async throws(ProjectionError) -> Answer

    package let number: Int
    package let asker: Asker
    package let text: Phrase
    package let parameters: [Parameter]
    /// What the answer may show.
    package let redaction: Redaction
    private let answering: Answering

    package init(
        _ number: Int, _ asker: Asker, zh: String, en: String, parameters: [Parameter] = [],
        redaction: Redaction? = nil, answer: @escaping Answering
    ) {
        (self.number, self.asker) = (number, asker)
        text = Phrase(en: en, zh: zh)
        self.parameters = parameters
        self.redaction = redaction ?? Redaction(of: asker)
        answering = answer
    }

    /// All of them, in order.
    package static let all: [Question] = {
        let lists = [
            legality, figures, penalties, rewards, entries, permits, supervision, referrals,
            later,
        ]
        return lists.flatMap(\.self).sorted { $0.number < $1.number }
    }()
}

// MARK: - Asking

extension Question {
    /// Why it cannot be asked like this, or nil.
    package func refusal(of given: GivenArguments) -> Phrase? {
        for kind in Parameter.Kind.allCases where given.has(kind) {
            guard parameters.contains(where: { $0.kind == kind }) else {
                return Phrase(
                    en: "question \(number) takes no --\(kind.rawValue)",
                    zh: "第 \(number) 问没有参数 --\(kind.rawValue)")
            }
        }
        let missing = parameters.first { $0.fallback == .needed && !given.has($0.kind) }
        return missing.map { parameter in
            let option = "--\(parameter.kind.rawValue) \(parameter.kind.placeholder)"
            return Phrase(
                en: "question \(number) needs \(option): \(parameter.title.en)",
                zh: "第 \(number) 问需要 \(option)：\(parameter.title.zh)")
        }
    }

    /// The answer as of the moment of `past`; ``refusal(of:)`` comes first.
    package func ask(
        _ past: any PastView, _ given: GivenArguments = GivenArguments()
    ) async throws(ProjectionError) -> Answered {
        let arguments = try await resolved(given, past)
        let watched = WatchedPast(past)
        var answer = try await answering(watched, arguments)
        answer.note(withheld: watched.withheld)
        if asker == .public { answer.suppressSmallCounts() }
        return Answered(
            question: self, arguments: arguments, origin: past.origin, moment: past.moment,
            size: past.size, root: try await past.root(), answer: answer)
    }

    private func resolved(
        _ given: GivenArguments, _ past: any PastView
    ) async throws(ProjectionError) -> Arguments {
        let today = past.shelf.newest.day(of: past.moment)
        var arguments = Arguments(today: today, redaction: redaction)
        for parameter in parameters {
            switch (parameter.kind, parameter.fallback) {
            case (.year, .number(let number)): arguments.year = number
            case (.years, .number(let number)): arguments.years = number
            case (.year, .lastYear): arguments.year -= 1
            case (.year, .all): arguments.isEveryYear = true
            default: break
            }
        }
        arguments.take(given)
        if let name = given.case { arguments.stream = try await past.stream(called: name) }
        return arguments
    }
}
