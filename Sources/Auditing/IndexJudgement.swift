import Digests

extension Audit {
    /// What the comparison with the index says; it is asked only of a log that is sound itself.
    mutating func judgeIndex() throws(SourceError) {
        guard isRootSound else {
            if state.indexDifferenceCount > 0 {
                notes.append(.indexNotJudged)
            }
            return
        }
        for difference in state.indexDifferences {
            findings.append(difference.finding)
        }
        state.moreFindings += state.indexDifferenceCount - state.indexDifferences.count
        for names in [plan.ids, plan.streams] {
            if let names { try judge(names) }
        }
        noteLag()
    }

    /// Every run must have the entries that the log gives, no more and no fewer.
    private mutating func judge(_ names: NameRuns) throws(SourceError) {
        if let fault = names.fault { differ(fault.file, fault.expected, fault.found) }
        for (number, run) in names.runs.enumerated() {
            guard run.covered.upperBound <= state.count else {
                differ(run.path, "records below \(state.count)", "a run of later ones")
                continue
            }
            let check = RunCheck(
                run: run, part: names.part, size: plan.size ?? state.count,
                withheld: Set(state.stubs.map(\.ordinal)), key: plan.hashKey)
            if let fault = try check.fault(state.names.sum(names.part, number)) {
                differ(run.path, fault.expected, fault.found)
            }
        }
    }

    private mutating func differ(_ file: String, _ expected: String, _ found: String) {
        findings.append(
            Finding(.indexDiffers, file: file, expected: expected, found: found))
    }

    private mutating func noteLag() {
        let bytes = (try? sources.index.byteCount(of: .level(0))) ?? nil
        guard let bytes else {
            notes.append(
                AuditNote(
                    "index-missing", en: "there is no index; it will be made anew when needed",
                    zh: "没有索引；需要时会自动重建"))
            return
        }
        let count = UInt64(bytes / Digest.byteCount)
        if count < state.count {
            notes.append(
                AuditNote(
                    "index-behind",
                    en: "the index covers \(count) of \(state.count) records; the rest is added "
                        + "when the ledger opens",
                    zh: "索引只覆盖 \(state.count) 条记录中的 \(count) 条，打开账本时会补齐"))
        }
    }
}

extension IndexDifference {
    /// What it says of a log that is sound.
    var finding: Finding {
        Finding(
            .indexDiffers, file: file.path, offset: Int(index) * file.width, expected: expected,
            found: found)
    }
}

extension AuditNote {
    static let indexNotJudged = AuditNote(
        "index-not-judged", en: "the log is damaged, so the index could not be judged",
        zh: "日志已损坏，无法判断索引是否正确")
}
