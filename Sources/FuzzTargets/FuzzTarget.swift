/// One reader of bytes from outside, as a function that must bear any bytes: Specs/campaigns.md.
package struct FuzzTarget: Sendable {
    /// What became of an input that the target bore.
    package enum Verdict: Sendable {
        /// The reader read it, and all that was read held.
        case read
        /// The reader refused it, as it should refuse what is not sound.
        case refused
    }

    /// The corpus's folder is called so too.
    package let name: String
    /// Longer inputs find nothing that shorter ones do not.
    package let byteCountMax: Int
    /// Words of the format that chance alone would not spell.
    package let dictionary: [String]
    /// Reads the input; throws ``Broken`` if something did not hold that must hold for every input.
    package let run: @Sendable (UnsafeRawBufferPointer) throws(Broken) -> Verdict

    package init(
        _ name: String, byteCountMax: Int, dictionary: [String] = [],
        run: @escaping @Sendable (UnsafeRawBufferPointer) throws(Broken) -> Verdict
    ) {
        (self.name, self.byteCountMax) = (name, byteCountMax)
        (self.dictionary, self.run) = (dictionary, run)
    }

    /// Any new reader of bytes from outside gets a target here.
    package static let all: [FuzzTarget] = [
        json, receipt, record, event, note, proof, catalogue, compiled, mapping, settings, csv, xes,
        ndjson, gzip, run, manifest, store, ledger, caseFile, names, backup, calendar,
        expression, token, tokens, stream, witnessRequest, policy, keptReceipt, evidence,
        timestamp, bundle, box, sealedFile, code,
    ]
}

/// A promise that did not hold for an input.
package struct Broken: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless `condition` holds; `promise` says what must hold.
func demand(_ condition: Bool, _ promise: @autoclosure () -> String) throws(Broken) {
    guard condition else { throw Broken("does not hold: \(promise())") }
}
