import CanonicalJSON
import Records

/// What became of publishing into one folder: Specs/publishing.md section 6.
struct PublicationState: Sendable {
    enum Word: String, Sendable {
        /// No moment has come since the start.
        case none
        /// Witnesses are being asked.
        case waiting
        case published
        /// Too few witnesses until the next moment.
        case unmet
        case refused
        /// What was published or witnessed is not of this history: evidence.
        case contradicted
    }

    var word = Word.none
    /// The records that were published last since the start, and when.
    var last: (size: UInt64, at: Timestamp)?

    var isFailing: Bool { word != .published && word != .none }

    var json: JSONValue {
        [
            "state": .string(word.rawValue),
            "size": last.map { .integer(Int64(clamping: $0.size)) } ?? .null,
            "published": last.map { .string($0.at.text) } ?? .null,
        ]
    }
}
