package import Digests

/// What a file's rows mean: Specs/import.md.
package struct ImportMapping: Sendable {
    /// The kinds of files.
    package enum Form: String, Sendable, CaseIterable {
        case xes, csv, ndjson
        /// NDJSON whose lines are CloudEvents already.
        case cloudevents
    }

    /// What is done with an activity or attribute that the mapping does not name.
    package enum Stranger: String, Sendable, CaseIterable {
        case refuse, ignore
    }

    /// The file's name, for people.
    package let name: String
    /// SHA-256 of the mapping's file.
    package let digest: Digest
    package let form: Form
    package let csv: CSVOptions
    let plan: MappingPlan?

    init(name: String, digest: Digest, form: Form, csv: CSVOptions, plan: MappingPlan?) {
        (self.name, self.digest, self.form) = (name, digest, form)
        (self.csv, self.plan) = (csv, plan)
    }
}

/// How rows become events; CloudEvents need none.
struct MappingPlan: Sendable {
    /// The names that the mapping uses, with their numbers.
    var names = NameTable()
    var source = ""
    var procedure = ""
    var caseID = TextPattern.empty
    var replacements: [Replacement] = []
    var id = TextPattern.empty
    var time = TextPattern.empty
    var timeReading = TimeReading()
    var activity = TextPattern.empty
    var events: [String: EventPlan] = [:]
    /// Texts that mean that there is no value.
    var absent: Set<String> = []
    var strangeActivities = ImportMapping.Stranger.refuse
    var strangeAttributes = ImportMapping.Stranger.refuse

    struct Replacement: Hashable, Sendable {
        var from: String
        var to: String
    }
}

/// How one activity's rows become events.
struct EventPlan: Sendable {
    /// What is done with an attribute, by the number of its name.
    enum Use: UInt8, Sendable {
        case stranger, ignored, used
    }

    /// A member of the data, in canonical order.
    struct Member: Sendable {
        enum Value: Sendable {
            /// JSON that is the same for every event.
            case constant([UInt8])
            case field(FieldSource)
            case person(OperatorSource)
            case participants([ParticipantSource])
        }

        /// The name as JSON, with its colon.
        var head: [UInt8]
        var name: String
        var value: Value
    }

    var type: String
    var members: [Member]
    var uses: [Use]
}

/// Who entered the event, if the file says so.
struct OperatorSource: Hashable, Sendable {
    var person: TextSource
    var prefix = ""
    var unit: TextSource
    var post: TextSource?
}

extension TextPattern {
    static let empty = TextPattern(segments: [])

    init(segments: [Segment]) {
        self.segments = segments
    }
}
