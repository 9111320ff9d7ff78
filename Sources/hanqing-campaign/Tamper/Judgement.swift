import CanonicalJSON

/// What `verify` said of a mutation, against what it must say: the table in Specs/campaigns.md.
struct Judgement {
    let mutation: Mutation
    let places: Places
    let size: Int
    /// Whether the index was there, whose leaf hashes are those that were signed.
    let hasIndex: Bool
    /// Whether verify knew the key, so that record 0 did not have to be read for it.
    let hasKey: Bool
    let report: JSONValue
    let exitCode: Int32
    private(set) var complaints: [String] = []

    private struct Finding: CustomStringConvertible {
        let code: String
        let file: String?
        let range: ClosedRange<Int>?

        var description: String {
            code + (range.map { " \($0.lowerBound)-\($0.upperBound)" } ?? " \(file ?? "")")
        }
    }

    /// The findings, for people.
    var said: String { findings.prefix(12).map(\.description).joined(separator: ", ") }

    private let findings: [Finding]

    init(
        _ mutation: Mutation, _ places: Places, size: Int, hasIndex: Bool, hasKey: Bool,
        report: JSONValue, exitCode: Int32
    ) {
        (self.mutation, self.places, self.size) = (mutation, places, size)
        (self.hasIndex, self.hasKey) = (hasIndex, hasKey)
        (self.report, self.exitCode) = (report, exitCode)
        findings = (report["findings"]?.array ?? []).map { finding in
            let first = finding["seq"]?.integer.map(Int.init)
            let last = finding["through"]?.integer.map(Int.init)
            return Finding(
                code: finding["code"]?.string ?? "", file: finding["file"]?.string,
                range: first.map { $0...max($0, last ?? $0) })
        }
        judge()
    }

    /// Whether it was found.
    var isFound: Bool { exitCode == 1 }

    private mutating func demand(_ holds: Bool, _ what: String) {
        if !holds { complaints.append(what) }
    }

    private mutating func judge() {
        guard exitCode == 0 || exitCode == 1 else {
            return demand(false, "verify ended with \(exitCode)")
        }
        switch mutation.verdict {
        case .notFound: return demand(exitCode == 0, "by what is there to see it is sound")
        case .noted:
            demand(exitCode == 0, "nothing acknowledged was changed")
            let notes = (report["notes"]?.array ?? []).compactMap { $0["code"]?.string }
            return demand(notes.contains("beyond-damaged"), "a note tells of the line at the end")
        case .foundOrStubsWord where exitCode == 0, .foundOrHarmless where exitCode == 0: return
        case .foundOrHarmless:
            return demand(findings.allSatisfy { $0.code == "index-differs" }, "only the index")
        default: demand(exitCode == 1, "it must be found")
        }
        guard exitCode == 1 else { return }
        judgeNamed()
        guard mutation.code == nil || mutation.kind == .editAllLinkedKept else { return }
        judgePlaces()
    }

    private func text(_ ranges: [ClosedRange<Int>]) -> String {
        ranges.prefix(9).map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ")
    }

    // MARK: What a kind demands

    private mutating func judgeNamed() {
        if let file = mutation.file {
            demand(findings.contains { $0.file == file }, "a finding names \(file)")
        }
        if let named = mutation.named {
            demand(findings.contains { $0.range == named }, "a finding names exactly \(named)")
        }
        if let code = mutation.code, let range = mutation.range {
            demand(
                findings.contains { $0.code == code && isSmallest($0, range) },
                "\(code) at exactly \(range)")
        }
    }

    /// With the index's leaf hashes a wrong root is narrowed to the altered records.
    private func isSmallest(_ finding: Finding, _ range: ClosedRange<Int>) -> Bool {
        if finding.range == range { return true }
        guard finding.code == "root-differs", hasIndex, let first = places.first,
            let found = finding.range
        else { return false }
        return found.contains(max(first, range.lowerBound)) && found.upperBound <= range.upperBound
    }

    // MARK: What holds of every change to records

    /// Codes that rest on hashes, numbers and lengths: they may accuse nobody falsely.
    private static let hard: Set<String> = [
        "link-broken", "root-differs", "record-altered", "records-missing", "segment-missing",
        "sequence-wrong", "line-too-long", "line-unterminated", "line-unreadable",
        "record-malformed",
    ]

    private mutating func judgePlaces() {
        guard let first = places.first else { return }
        demand(
            findings.contains { $0.range?.contains(first) ?? false },
            "a finding contains record \(first)")
        if let sound = report["soundThrough"]?.integer {
            demand(sound < first, "record \(first) is not sound, said through \(sound)")
        }
        for finding in findings where Judgement.hard.contains(finding.code) {
            guard let range = finding.range else { continue }
            let isCut =
                finding.code == "line-unterminated" && range.count == 1
                && places.unterminated.contains(range.lowerBound)
            demand(
                isCut || places.overlap(range), "\(finding.code) accuses \(range), which is sound")
        }
        judgeExactly(first)
    }

    /// Where the evidence is exact, so is the finding.
    private mutating func judgeExactly(_ first: Int) {
        // Without record 0 there is no key, without a key no checkpoint, and without that no root.
        guard hasKey || first > 0, report["moreFindings"]?.integer == 0 else { return }
        let exact = Places.union(
            findings.filter {
                ["record-altered", "records-missing", "segment-missing"].contains($0.code)
            }.compactMap(\.range))
        if hasIndex {
            demand(exact == places.altered, "exactly \(text(places.altered)), said \(text(exact))")
        } else if mutation.kind.isOfOneRecord, places.altered == [first...first], first < size - 1 {
            demand(exact == [first...first], "exactly record \(first), said \(text(exact))")
        }
    }
}
