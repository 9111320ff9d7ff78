import CanonicalJSON
import Digests
import Merkle
import Phrases
import Records

/// What one record must be by itself: Specs/record.md sections 1 to 6.
///
/// One serves many records, so that nothing is made anew for each.
struct RecordCheck {
    private let plan: ScanPlan
    private var file = ""
    private var ordinal: UInt64 = 0
    private var offset = 0
    /// What is wrong with the record that was judged last.
    private(set) var findings: [Finding] = []

    /// An event's time may be so much later than that of recording.
    static let futureToleranceSeconds: Int64 = 120
    /// Asia/Shanghai, the only time zone that a ledger of format 1 has.
    static let timeZoneSeconds: Int64 = 8 * 3600

    init(_ plan: ScanPlan) {
        self.plan = plan
    }

    /// The records to come stand in this file.
    mutating func begin(_ file: String) {
        self.file = file
    }

    /// Judges a line and adds to `facts` what must be seen beside other records.
    mutating func judge(
        _ header: RecordHeader, _ line: UnsafeRawBufferPointer, _ ordinal: UInt64, _ offset: Int,
        _ json: JSONReader, _ facts: inout Facts
    ) -> Neighbour? {
        (self.ordinal, self.offset) = (ordinal, offset)
        if !findings.isEmpty { findings = [] }
        guard let record = RecordView(header, line, json) ?? whole(line, json) else { return nil }
        if plan.mode == .full {
            name(record, &facts)
            judgeEvent(record.attributes, record, &facts)
        } else if plan.wantsAttachments, let list = record.attributes.data?["attachments"] {
            hold(list, &facts)
        }
        judgeOwn(record, &facts)
        return Neighbour(recorded: record.recorded, batch: record.batch)
    }

    /// The record, read from the whole line, or what is wrong with it.
    private mutating func whole(
        _ line: UnsafeRawBufferPointer, _ json: JSONReader
    ) -> RecordView? {
        let root: JSONView
        do throws(JSONError) {
            root = try json.read(line)
        } catch {
            find(.recordMalformed, "JSON as RFC 8259 has it", error.phrase.en)
            return nil
        }
        do throws(RecordError) {
            return try RecordView(root)
        } catch {
            find(.recordInvalid, "record format 1", error.phrase.en)
            return nil
        }
    }

    @inline(__always)
    private func name(_ record: RecordView, _ facts: inout Facts) {
        var hash = SipHash(key: plan.hashKey)
        hash.update(record.source.utf8)
        hash.update(0)
        hash.update(record.id.utf8)
        facts.ids.append(Fact(key: hash.finish().high, ordinal: ordinal, revision: 0))
        facts.streams.append(
            Fact(
                key: SipHash.hash(record.subject.utf8, key: plan.hashKey).high, ordinal: ordinal,
                revision: record.revision.rawValue))
        guard plan.ids != nil || plan.streams != nil else { return }
        facts.names.add(
            plan.ids, ordinal, ordinal, under: plan.hashKey, record.source.rawBytes,
            record.id.rawBytes)
        facts.names.add(
            plan.streams, ordinal, streamValue(ordinal, record.revision), under: plan.hashKey,
            record.subject.rawBytes)
    }

    @inline(__always)
    private mutating func judgeEvent(
        _ event: RecordAttributes, _ record: RecordView, _ facts: inout Facts
    ) {
        guard let version = event.specversion, version.equals("1.0"),
            let time = event.time.flatMap({ ZonedTime($0.utf8) }),
            let data = event.data, data.kind == .object
        else {
            find(.recordInvalid, "specversion 1.0, a time and data", "something else")
            return
        }
        judge(time, event.precision?.equals("day") ?? false, record.recorded)
        if let list = data["attachments"] { hold(list, &facts) }
        judgeTarget(record, data, &facts)
    }

    private mutating func judge(_ time: ZonedTime, _ isDayOnly: Bool, _ recorded: Timestamp) {
        let isFuture: Bool
        if isDayOnly {
            let local = recorded.advanced(bySeconds: RecordCheck.timeZoneSeconds)
            isFuture = time.date > local.utcDate
        } else {
            let latest = recorded.advanced(bySeconds: RecordCheck.futureToleranceSeconds)
            isFuture = time.moment > latest
        }
        if isFuture { find(.timeInFuture, "not after \(recorded.text)", time.moment.text) }
    }

    private mutating func hold(_ list: JSONView, _ facts: inout Facts) {
        for attachment in list.elements where attachment["held"]?.equals("ledger") ?? false {
            guard let hex = attachment["sha256"]?.string, let digest = Digest(hex: hex),
                let byteCount = attachment["bytes"]?.integer
            else {
                find(.recordInvalid, "an attachment's sha256 and bytes", "something else")
                continue
            }
            facts.attachments.append(
                HeldAttachment(digest: digest, byteCount: byteCount, ordinal: ordinal))
        }
    }

    private mutating func judgeTarget(
        _ record: RecordView, _ data: JSONView, _ facts: inout Facts
    ) {
        let mends = record.type.hasPrefix("entry.")
        guard mends || record.type.hasPrefix("participant.") else { return }
        guard let target = data["corrects"] ?? data["withdraws"] ?? data["target"] else {
            if mends { find(.targetWrong, "a target", "none") }
            return
        }
        guard let seq = target["seq"]?.integer, seq >= 0,
            let leaf = target["leafHash"]?.string.flatMap({ Digest(hex: $0) })
        else { return find(.targetWrong, "seq and leafHash", "something else") }
        if mends { judgeApprover(data) }
        guard UInt64(seq) < ordinal else {
            return find(.targetWrong, "an earlier record", "record \(seq)")
        }
        facts.claims.append(
            TargetClaim(
                ordinal: ordinal, target: UInt64(seq), leafHash: LeafHash(leaf),
                stream: record.subject.string, file: file, offset: offset))
    }

    private mutating func judgeApprover(_ data: JSONView) {
        let approver = data["approver"]?.string
        guard let approver, !approver.isEmpty, approver != data["operator"]?["person"]?.string
        else {
            return find(
                .targetWrong, "an approver who is not the operator", "\(approver ?? "none")")
        }
    }

    private mutating func judgeOwn(_ record: RecordView, _ facts: inout Facts) {
        let isOwnType = record.type.hasPrefix("ledger.")
        let isOwnStream = OwnRecord.hasOwnStream(record.subject)
        let isOwnRecorder = record.recorder.elementsEqual(Recorder.ledger.utf8)
        guard isOwnType || isOwnStream || isOwnRecorder else {
            if ordinal < 2 { find(.genesisWrong, "a record of the ledger's own", "another") }
            return
        }
        facts.ownCount += isOwnType ? 1 : 0
        let source = record.source.utf8
        let isFromOrigin = plan.origin.isEmpty || source.elementsEqual(plan.origin)
        guard isOwnType, isOwnStream, isOwnRecorder, isFromOrigin else {
            let recorder = String(decoding: record.recorder, as: UTF8.self)
            return find(
                .ownRecordWrong, "type, stream, recorder and source all the ledger's, or none",
                "\(record.type.string ?? ""), \(record.subject.string ?? ""), "
                    + "\(recorder), \(record.source.string ?? "")")
        }
        guard isOwnID(record.id.utf8) else {
            return find(
                .ownRecordWrong, "id ledger- and 32 hexadecimal digits", record.id.string ?? "")
        }
        let own = OwnRecord(record, ordinal: ordinal, file: file, offset: offset)
        if let fault = own.fault { find(fault.code, fault.expected, fault.found) }
        if own.isKept { facts.own.append(own) }
    }

    private mutating func find(_ code: FindingCode, _ expected: String, _ found: String) {
        findings.append(
            Finding(
                code, seq: ordinal, file: file, offset: offset, expected: expected, found: found))
    }
}

/// `ledger-` and 32 lower-case hexadecimal digits: Specs/record.md section 5.
private func isOwnID(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count == 39 && text.starts(with: "ledger-".utf8)
        && text[7...].allSatisfy { $0 &- 0x30 < 10 || $0 >= 0x61 && $0 <= 0x66 }
}

/// What the index of streams has of a record: Specs/store.md section 4.
func streamValue(_ ordinal: UInt64, _ revision: Revision) -> UInt64 {
    ordinal << 24 | min(revision.rawValue, 1 << 24 - 1)
}
