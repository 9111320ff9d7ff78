package import Projections
import Rules

/// All that several ledgers hold of one enterprise: Specs/projections.md section 8.
package struct EnterpriseFiles: Sendable {
    package let code: String
    package let years: Int
    /// One of each ledger; of a ledger that does not know the enterprise it is empty.
    package let parts: [EnterpriseFile]

    package var heads: [AnswerHead] { parts.map(\.head) }

    /// Of the newest cases of each ledger, so many, or of all.
    package init(
        of code: String, years: Int, newest caseCountMax: Int? = nil, in views: [any PastView]
    ) async throws(ProjectionError) {
        (self.code, self.years) = (code, years)
        parts = try await asking(views) { (view) async throws(ProjectionError) in
            try await EnterpriseFile(of: code, years: years, newest: caseCountMax, in: view)
        }
        guard parts.contains(where: \.isKnown) else {
            throw ProjectionError(
                en: "no case names the enterprise \(code) as of then; is the code right?",
                zh: "当时没有案件载明企业 \(code)，请核对统一社会信用代码", kind: .unknownName)
        }
    }

    var names: [Joint<Enterprise.Name>] {
        joined(parts.map(\.enterprise.names)) { $0.day < $1.day }
    }
    var cases: [Joint<TracedCase>] { joined(parts.map(\.cases)) }
    var acts: [Joint<Act>] { joined(parts.map(\.acts)) { $0.moment < $1.moment } }
    var duties: [Joint<OwedDuty>] { joined(parts.map(\.duties)) }
    var findings: [Joint<Finding>] { Finding.joined(parts.map(\.findings)) }
}
