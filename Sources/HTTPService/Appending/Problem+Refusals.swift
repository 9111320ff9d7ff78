import HTTPTypes
import Phrases
import Records
import Sequencing

extension Problem {
    /// Why nothing was recorded; the gravest fault decides the code.
    init(_ refused: [RefusedEvent], isBatch: Bool) {
        let codes = Set(refused.flatMap(\.refusals).map { Code($0.code) })
        let gravest = Problem.byGravity.first { codes.contains($0) } ?? .invalidEvent
        let count = refused.reduce(0) { $0 + $1.refusals.count }
        let first = refused.first?.refusals.first?.phrase ?? Phrase(en: "", zh: "")
        self.init(
            gravest,
            count == 1
                ? first
                : Phrase(
                    en: "nothing was recorded, for \(count) reasons: \(first.en); …",
                    zh: "未入账，共 \(count) 项原因：\(first.zh)；……"))
        (self.refused, self.isBatch) = (refused, isBatch)
        if gravest == .unavailable { headers[.retryAfter] = "5" }
    }

    private static let byGravity: [Code] = [
        .unavailable, .tooLarge, .invalidEvent, .forbidden, .conflict, .rule,
    ]
}

extension Problem.Code {
    /// Specs/http.md section 3.
    init(_ code: Refusal.Code) {
        switch code {
        case .malformed, .unknownMember, .missing, .invalid, .unknownType, .reservedType,
            .needsSealing, .inFuture, .inRefusedBatch:
            self = .invalidEvent
        case .tooLarge: self = .tooLarge
        case .conflict, .partlyRecorded, .wrongRevision, .wrongTarget, .missingAttachment:
            self = .conflict
        case .rule: self = .rule
        case .mayNotAssert: self = .forbidden
        case .unavailable: self = .unavailable
        }
    }
}
