import CanonicalJSON
import Digests
import Merkle
import Phrases
import Records

/// What one record must be by itself: Specs/record.md sections 1 to 6.
struct RecordCheck {
    let plan: ScanPlan
    let ordinal: UInt64
    let file: String
    let offset: Int
    private(set) var findings: [Finding] = []

    /// An event's time may be so much later than that of recording.
    static let futureToleranceSeconds: Int64 = 120
    /// Asia/Shanghai, the only time zone that a ledger of format 1 has.
    static let timeZoneSeconds: Int64 = 8 * 3600

    init(plan: ScanPlan, ordinal: UInt64, file: String, offset: Int) {
        (self.plan, self.ordinal, self.file, self.offset) = (plan, ordinal, file, offset)
    }

    /// Judges a line and adds to `facts` what must be seen beside other records.
    mutating func judge(
        _ line: UnsafeRawBufferPointer, _ json: JSONReader, _ facts: inout Facts
    ) -> Neighbour? {
        let root: JSONView
        do throws(JSONError) {
            root = try json.read(line)
        } catch {
            find(.recordMalformed, "JSON as RFC 8259 has it", error.phrase.en)
            return nil
        }
        let record: RecordView
        do throws(RecordError) {
            record = try RecordView(root)
        } catch {
            find(.recordInvalid, "record format 1", error.phrase.en)
            return nil
        }
        if plan.mode == .full {
            name(record, &facts)
            judgeEvent(record, &facts)
        } else if plan.wantsAttachments, let list = record.event["data"]?["attachments"] {
            hold(list, &facts)
        }
        judgeOwn(record, &facts)
        return Neighbour(recorded: record.recorded, batch: record.batch)
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

    private mutating func judgeEvent(_ record: RecordView, _ facts: inout Facts) {
        var time: ZonedTime?
        var (isDayOnly, isVersionOne) = (false, false)
        var data: JSONView?
        // The record's reader has refused every other name, so length and a letter tell these.
        for (name, value) in record.event.members {
            let text = name.utf8
            switch (text.count, text[0]) {
            case (4, UInt8(ascii: "d")): data = value
            case (4, UInt8(ascii: "t")):
                if text[1] == UInt8(ascii: "i") { time = ZonedTime(value.utf8) }
            case (9, UInt8(ascii: "p")): isDayOnly = value.equals("day")
            case (11, UInt8(ascii: "s")): isVersionOne = value.equals("1.0")
            default: break
            }
        }
        guard isVersionOne, let time, let data, data.kind == .object else {
            find(.recordInvalid, "specversion 1.0, a time and data", "something else")
            return
        }
        judge(time, isDayOnly, record.recorded)
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
        let type = record.type.utf8
        guard type.starts(with: "entry.".utf8) || type.starts(with: "participant.".utf8) else {
            return
        }
        let mends = type.starts(with: "entry.".utf8)
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
        let isOwnType = record.type.utf8.starts(with: "ledger.".utf8)
        let isOwnStream = OwnRecord.hasOwnStream(record.subject)
        let isOwnRecorder = record.recorder.equals("ledger")
        guard isOwnType || isOwnStream || isOwnRecorder else {
            if ordinal < 2 { find(.genesisWrong, "a record of the ledger's own", "another") }
            return
        }
        facts.ownCount += isOwnType ? 1 : 0
        let source = record.source.utf8
        let isFromOrigin = plan.origin.isEmpty || source.elementsEqual(plan.origin)
        guard isOwnType, isOwnStream, isOwnRecorder, isFromOrigin else {
            return find(
                .ownRecordWrong, "type, stream, recorder and source all the ledger's, or none",
                "\(record.type.string ?? ""), \(record.subject.string ?? ""), "
                    + "\(record.recorder.string ?? ""), \(record.source.string ?? "")")
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
