import CanonicalJSON

/// An event as a producer submits it (CloudEvents 1.0), read, checked and in canonical form.
///
/// Whether the catalogue has the type and its data are right, the catalogue decides.
package struct CloudEvent: Sendable {
    /// The canonical form (RFC 8785) without delivery attributes: what the record will hold.
    package let bytes: [UInt8]
    package let source: Span
    package let id: Span
    package let type: Span
    package let subject: Span
    package let time: ZonedTime
    /// Only the date of ``time`` is known.
    package let isDayOnly: Bool
    package let isAsserted: Bool
    /// The last revision that the producer knows of, −1 for none; nil if it did not say.
    package let expectedRevision: Int64?
    /// Where ``statedMediaType`` stands in ``bytes``, or would stand if the event stated it.
    let mediaType: Range<Int>

    /// Where a string's text stands in ``bytes``, without its quotes and in its canonical spelling.
    package struct Span: Hashable, Sendable {
        package let start: Int
        package let count: Int

        package init(start: Int, count: Int) {
            (self.start, self.count) = (start, count)
        }
    }

    /// The same event with its media type left out or stated: only JSON is taken, so it says
    /// nothing, and in the binary content mode of HTTP it is always there.
    package var otherSpelling: [UInt8] {
        var other = bytes
        other.replaceSubrange(
            mediaType, with: mediaType.isEmpty ? Array(CloudEvent.statedMediaType.utf8) : [])
        return other
    }

    static let statedMediaType = #""datacontenttype":"application/json","#

    /// The text of a string, where ``text(_:)`` gives its canonical spelling.
    package func string(_ span: Span) -> String {
        let spelling = text(span)
        guard spelling.contains("\\") else { return spelling }
        return (try? JSONValue(parsing: "\"\(spelling)\"".utf8))?.string ?? spelling
    }

    /// A string in its canonical spelling, without its quotes.
    package func text(_ span: Span) -> String {
        String(decoding: bytes[span.start..<span.start + span.count], as: UTF8.self)
    }
}

/// Everything that was wrong with one event.
package struct EventRefused: Error, Hashable, Sendable {
    package let refusals: [Refusal]

    package init(_ refusals: [Refusal]) {
        self.refusals = refusals
    }
}
