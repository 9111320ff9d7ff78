import TestKit

/// One change to a ledger and what must come of it: Specs/campaigns.md, "Tampering".
struct Mutation {
    let kind: Kind
    /// Files with other contents; nil for those that are taken away.
    var files: [String: [UInt8]?] = [:]
    /// What was done, for people.
    var what: String
    /// The file that a finding must name, where no record was changed.
    var file: String?
    /// Records that a finding must name exactly, where none was changed.
    var named: ClosedRange<Int>?
    /// A checkpoint that the auditor kept.
    var kept: [UInt8]?
    var usesMemory = false
    /// The one code that a finding must have, where the kind has one.
    var code: String?
    /// The exact range of that finding.
    var range: ClosedRange<Int>?
    var verdict = Verdict.found
    /// Whether Specs/verify.py is asked; it has no memory, and judges neither index nor files.
    var hasSecondOpinion = true

    init(_ kind: Kind, _ what: String) {
        (self.kind, self.what) = (kind, what)
    }

    enum Verdict {
        case found
        /// Sound by what there is to see; Specs/threat-model.md says so.
        case notFound
        /// Found, or a withheld line's own word: Specs/threat-model.md section 5.
        case foundOrStubsWord
        /// Found, or no answer changes.
        case foundOrHarmless
        /// Sound, with a note: what stands after the newest checkpoint was never acknowledged.
        case noted
    }

    enum Kind: String, CaseIterable, Sendable {
        case flipBit, deleteLine, swapLines, repeatLine, insertLine, editNextLinked
        case editAllLinked, editAllLinkedKept, editAllLinkedSigned, truncateInside, truncateBetween
        case stubPutIn, stubEdited, batchHalved
        case segmentCut, segmentsExchanged, segmentRenamed, segmentMissing
        case checkpointFlip, checkpointPutBack, catalogueFile, attachment
        case indexFlip, indexTruncated, indexSwapped
        case rolledBackMemory, rolledBackKept, rolledBackAlone

        var isOfIndex: Bool {
            [.indexFlip, .indexTruncated, .indexSwapped].contains(self)
        }

        /// One record with links and checkpoint otherwise sound.
        var isOfOneRecord: Bool { self == .flipBit }
    }
}
