package import CanonicalJSON
import Digests
package import Phrases

/// What became of a file's rows.
package struct ImportReport: Hashable, Sendable {
    package struct Count: Hashable, Sendable {
        package let name: String
        package let count: Int

        package init(name: String, count: Int) {
            (self.name, self.count) = (name, count)
        }
    }

    /// Rows refused for one kind of reason.
    package struct RefusedKind: Hashable, Sendable {
        /// A ``RowRefusal/Code`` or the code of a refusal by the ledger.
        package let code: String
        package var count = 0
        /// The first ones.
        package var samples: [Sample] = []

        package init(code: String) {
            self.code = code
        }
    }

    package struct Sample: Hashable, Sendable {
        package let place: SourcePlace
        package let reason: Phrase
    }

    package let batch: ImportBatch
    /// Rows of the file.
    package var read = 0
    package var recorded = 0
    /// In the ledger already, with the same content.
    package var repeated = 0
    package var refused = 0
    /// Rows of activities that the mapping leaves out.
    package var ignored = 0
    package var streams = 0
    /// Most frequent first.
    package var refusedKinds: [RefusedKind] = []
    package var ignoredAttributes: [Count] = []
    package var ignoredActivities: [Count] = []
    /// Why the file could not be read to its end.
    package var failure: ImportError?

    /// Every row was recorded, now or before, or left out on purpose.
    package var isComplete: Bool { failure == nil && refused == 0 }
}

// MARK: - For machines

extension ImportReport {
    package var json: JSONValue {
        var members = [
            JSONMember("batch", .string(batch.id)), JSONMember("file", file),
            JSONMember("mapping", .string(batch.mapping.hex)), number("read", read),
            number("recorded", recorded), number("repeated", repeated),
            number("refused", refused), number("ignored", ignored), number("streams", streams),
            JSONMember("refusals", .array(refusedKinds.map(kind))),
            JSONMember("ignoredAttributes", counts(ignoredAttributes)),
            JSONMember("ignoredActivities", counts(ignoredActivities)),
        ]
        if let failure {
            members.append(
                JSONMember(
                    "failure",
                    .object(place(failure.place) + [JSONMember("reason", words(failure.reason))])))
        }
        return .object(members)
    }

    private var file: JSONValue {
        [
            "name": .string(batch.fileName), "bytes": .integer(batch.bytes),
            "sha256": .string(batch.sha256.hex),
        ]
    }

    private func kind(_ kind: RefusedKind) -> JSONValue {
        let samples = kind.samples.map { sample in
            JSONValue.object(place(sample.place) + [JSONMember("reason", words(sample.reason))])
        }
        return [
            "code": .string(kind.code), "count": .integer(Int64(kind.count)),
            "samples": .array(samples),
        ]
    }

    private func place(_ place: SourcePlace) -> [JSONMember] {
        var members: [JSONMember] = []
        if place.line > 0 { members.append(number("line", place.line)) }
        if let column = place.column { members.append(number("column", column)) }
        if let trace = place.trace { members.append(JSONMember("trace", .string(trace))) }
        if let event = place.event { members.append(number("event", event)) }
        return members
    }

    private func words(_ phrase: Phrase) -> JSONValue {
        ["en": .string(phrase.en), "zh": .string(phrase.zh)]
    }

    private func counts(_ counts: [Count]) -> JSONValue {
        .array(counts.map { ["name": .string($0.name), "count": .integer(Int64($0.count))] })
    }

    private func number(_ name: String, _ value: Int) -> JSONMember {
        JSONMember(name, .integer(Int64(value)))
    }
}

// MARK: - For people

extension ImportReport {
    /// One sentence a line.
    package var phrases: [Phrase] {
        var lines = [
            Phrase(
                en: "Read \(read) events of \(streams) cases: recorded \(recorded), "
                    + "in the ledger already \(repeated), refused \(refused), left out \(ignored).",
                zh: "共读取 \(streams) 个案件的 \(read) 个事件：入账 \(recorded)，此前已入账 \(repeated)，"
                    + "拒绝 \(refused)，略过 \(ignored)。"),
            Phrase(
                en: "Late entries batch \(batch.id), file SHA-256 \(batch.sha256.hex).",
                zh: "补录批次 \(batch.id)，文件 SHA-256 \(batch.sha256.hex)。"),
        ]
        for kind in refusedKinds { lines += phrases(kind) }
        lines += phrases(ignoredActivities, "activity", "活动")
        lines += phrases(ignoredAttributes, "attribute", "属性")
        if let failure {
            lines.append(
                Phrase(
                    en: "Stopped: \(failure.phrase.en).", zh: "中止：\(failure.phrase.zh)。"))
        }
        return lines
    }

    private func phrases(_ kind: RefusedKind) -> [Phrase] {
        let head = Phrase(
            en: "Refused, \(kind.code): \(kind.count)", zh: "拒绝，\(kind.code)：\(kind.count)")
        return [head]
            + kind.samples.map { sample in
                Phrase(
                    en: "  \(sample.place.phrase.en): \(sample.reason.en)",
                    zh: "  \(sample.place.phrase.zh)：\(sample.reason.zh)")
            }
    }

    private func phrases(_ counts: [Count], _ en: String, _ zh: String) -> [Phrase] {
        counts.map {
            Phrase(
                en: "Left out, \(en) \"\($0.name)\": \($0.count) times",
                zh: "略过\(zh)“\($0.name)”：\($0.count) 次")
        }
    }
}
