package import Auditing
import CanonicalJSON
package import Checkpoints
import Digests
import Merkle
import Phrases
import Records

/// Judges a bundle by nothing but its bytes, a key, and whom to trust: Specs/bundle.md section 2.
package struct BundleAudit {
    private let options: Options
    private var report = AuditReport(mode: .bundle)
    private var judged: Set<BundleName> = []

    package struct Options: Sendable {
        /// The ledger's key, as the reader was given it.
        package var key: VerifierKey?
        package var policy: WitnessPolicy?
        /// Whom to trust for timestamps, PEM; nil: the certificates kept with each, else the
        /// system's.
        package var timestampAuthorities: [UInt8]?
        /// The reader's time, in seconds since 1970.
        package var seconds: Int64 = 0

        package init() {}
    }

    package init(_ options: Options) {
        self.options = options
    }

    /// Reads the archive to its end and judges all that is in it.
    package mutating func run(_ source: @escaping TarReader.Source) throws(TarFault) -> AuditReport
    {
        let files: BundleFiles
        do throws(TarFault) {
            files = try BundleFiles(source)
        } catch {
            if case .unreadable = error { throw error }
            find(.archiveRefused, nil, "an archive as bundles are", error.phrase.en)
            return report
        }
        var work = Work(files)
        demandSums(files)
        readKeys(&work)
        readSubject(&work)
        judgeRecords(&work)
        judgeCatalogues(work)
        judgeAttachments(work)
        judgeCosigned(work)
        judgeTimestamps(work)
        judgeOtherProofs(work)
        report.records = UInt64(work.records.count)
        report.withheld = UInt64(work.records.count { $0.value.isWithheld })
        report.byteCount = files.digests.reduce(0) { $0 + $1.value.byteCount }
        return report
    }

    /// What is known so far.
    private struct Work {
        let files: BundleFiles
        var keys: [VerifierKey] = []
        var checkpoint: VerifiedCheckpoint?
        var subject: BundleSubject?
        var records: [UInt64: ReadRecord] = [:]

        init(_ files: BundleFiles) { self.files = files }
    }

    private mutating func find(
        _ code: FindingCode, _ name: BundleName?, _ expected: String, _ found: String,
        seq: UInt64? = nil
    ) {
        report.findings.append(
            Finding(code, seq: seq, file: name?.path, expected: expected, found: found))
    }

    // MARK: - Whole files

    private mutating func demandSums(_ files: BundleFiles) {
        for name in [BundleName.sums, .checkpoint, .keys, .keyPEM, .subject, .page, .reader]
        where files[name] == nil {
            find(.archiveMissing, name, "the file", "none")
        }
        guard let sums = files[.sums], sums != files.sums else { return }
        find(.archiveDiffers, .sums, "the digests of all other entries", "others")
    }

    private mutating func readKeys(_ work: inout Work) {
        let text = String(decoding: work.files[.keys] ?? [], as: UTF8.self)
        work.keys = text.split(separator: "\n").compactMap { try? VerifierKey($0) }
        let spelt = work.keys.map { "\($0)\n" }.joined()
        if spelt != text || work.keys.isEmpty {
            find(.archiveDiffers, .keys, "verifier keys, one a line", "something else")
        }
        report.keySource = options.key == nil ? .ledger : .given
        guard let key = options.key ?? work.keys.last, let origin = Origin(key.name.text) else {
            return
        }
        (report.key, report.origin) = (key, origin)
        if let pem = work.files[.keyPEM], pem != Array(key.pem.utf8) {
            find(.archiveDiffers, .keyPEM, "the key \(key)", "another")
        }
        guard let note = work.files[.checkpoint] else { return }
        do throws(CheckpointError) {
            let checkpoint = try VerifiedCheckpoint(verifying: note, of: origin, by: [key])
            (work.checkpoint, report.checkpoint) = (checkpoint, checkpoint.checkpoint)
        } catch {
            find(
                .checkpointRefused, .checkpoint, "a checkpoint of \(origin) signed by \(key)",
                error.phrase.en)
        }
    }

    private mutating func readSubject(_ work: inout Work) {
        guard let bytes = work.files[.subject] else { return }
        guard let subject = BundleSubject(bytes) else {
            return find(.archiveDiffers, .subject, "what the bundle is of", "something else")
        }
        work.subject = subject
        if let origin = report.origin, subject.origin != origin.text {
            find(.archiveDiffers, .subject, "origin \(origin)", subject.origin)
        }
        let stated = (subject.asked + subject.context).sorted()
        if stated != work.files.records || subject.asked.isEmpty
            || subject.asked != subject.asked.sorted()
        {
            find(.archiveDiffers, .subject, "exactly the records that are there", "others")
        }
        if case .range(let range) = subject.wanted, subject.asked != Array(range.prefix(1 << 20)) {
            find(.archiveDiffers, .subject, "all of \(subject.text)", "others")
        }
    }

    // MARK: - Records

    private mutating func judgeRecords(_ work: inout Work) {
        for number in work.files.records {
            guard let line = work.files[.record(number)] else { continue }
            let record = ReadRecord(line, number)
            if let fault = record.fault {
                find(.recordInvalid, .record(number), "a record of this number", fault, seq: number)
            }
            work.records[number] = record
            if let checkpoint = work.checkpoint {
                judge(.proof(number), record, number, checkpoint, work)
            }
        }
        judgeStream(work)
    }

    /// Every proof that is there was needed, and judged; those of a timestamp that is not valid are
    /// nothing by themselves.
    private mutating func judgeOtherProofs(_ work: Work) {
        let valid = Set(report.timestamps.map(\.timestamp.number))
        let others = work.files.small.keys.filter { name in
            if case .timestampProof(let number, _) = name, !valid.contains(number) { return false }
            return name.isProof && !judged.contains(name)
        }
        for name in others.sorted(by: { $0.path < $1.path }) {
            find(.archiveDiffers, name, "the proof of a record that is there", "another")
        }
    }

    /// A case is whole from its beginning: its revisions have no gap.
    private mutating func judgeStream(_ work: Work) {
        guard let subject = work.subject, case .stream(let stream) = subject.wanted else { return }
        for (place, number) in subject.asked.enumerated() {
            guard let record = work.records[number], record.fault == nil,
                record.stream != stream.text || record.revision != UInt64(place)
            else { continue }
            find(
                .revisionWrong, .record(number), "\(stream.text), revision \(place)",
                "\(record.stream), revision \(record.revision)", seq: number)
        }
    }

    /// A proof file must be of this record, under this note.
    private mutating func judge(
        _ name: BundleName, _ record: ReadRecord, _ number: UInt64,
        _ checkpoint: VerifiedCheckpoint, _ work: Work
    ) {
        judged.insert(name)
        guard let bytes = work.files[name] else {
            return find(.archiveMissing, name, "the proof", "none", seq: number)
        }
        do throws(TlogProofError) {
            let proof = try TlogProof(bytes)
            guard proof.note == checkpoint.bytes, proof.sequence.rawValue == number else {
                return find(
                    .proofRefused, name, "the proof of record \(number) under its checkpoint",
                    "another", seq: number)
            }
            _ = try proof.verify(
                record.leaf, of: checkpoint.origin, by: [checkpoint.key], MerkleHasher())
        } catch {
            find(
                .proofRefused, name, "a proof that leads to the signed root", error.phrase.en,
                seq: number)
        }
    }

    // MARK: - What records name

    private mutating func judgeCatalogues(_ work: Work) {
        let adoptions = work.records.compactMap { number, record in
            record.adopted.map { (number: number, digest: $0) }
        }.sorted { $0.number < $1.number }
        for case (.catalogue(let stated), let found) in work.files.digests {
            let name = BundleName.catalogue(stated)
            if found.digest != stated {
                find(.catalogueDiffers, name, stated.hex, found.digest.hex)
            } else if !adoptions.contains(where: { $0.digest == stated }) {
                find(.catalogueDiffers, name, "one that a record here adopts", "none does")
            }
        }
        for number in work.subject?.asked ?? [] {
            let inForce = adoptions.last { $0.number <= number }?.digest
            guard let inForce, work.files[.catalogue(inForce)] != nil else {
                find(
                    .catalogueMissing, inForce.map { .catalogue($0) },
                    "the catalogue in force at record \(number)", "none", seq: number)
                return
            }
        }
    }

    private mutating func judgeAttachments(_ work: Work) {
        var named: Set<Digest> = []
        for number in work.subject?.asked ?? [] {
            for (digest, byteCount) in work.records[number]?.held ?? [] {
                named.insert(digest)
                let name = BundleName.attachment(digest)
                guard let found = work.files.digests[name] else {
                    find(.attachmentMissing, name, "\(byteCount) bytes", "no file", seq: number)
                    continue
                }
                guard found.digest != digest || found.byteCount != byteCount else { continue }
                find(
                    .attachmentDiffers, name, "\(digest.hex), \(byteCount) bytes",
                    "\(found.digest.hex), \(found.byteCount) bytes", seq: number)
            }
        }
        for case .attachment(let digest) in work.files.digests.keys where !named.contains(digest) {
            find(.archiveDiffers, .attachment(digest), "one that a record here names", "none does")
        }
    }
}

// MARK: - Witnesses and timestamps

extension BundleAudit {
    private mutating func judgeCosigned(_ work: Work) {
        guard let note = work.files[.cosigned], let origin = report.origin else {
            if options.policy != nil {
                find(.quorumUnmet, .cosigned, "a cosigned checkpoint", "none")
            }
            return
        }
        let cosigned: VerifiedCheckpoint
        do throws(CheckpointError) {
            cosigned = try VerifiedCheckpoint(verifying: note, of: origin, by: known(work))
        } catch {
            return find(
                .checkpointRefused, .cosigned, "a checkpoint of \(origin)", error.phrase.en)
        }
        for (number, record) in work.records.sorted(by: { $0.key < $1.key })
        where number < cosigned.size.rawValue {
            judge(.cosignedProof(number), record, number, cosigned, work)
        }
        guard let policy = options.policy else { return }
        let found = (try? cosigned.cosignatures(by: policy.witnessKeys)) ?? [:]
        guard !policy.isMet(by: found.keys) else { return }
        find(
            .quorumUnmet, .cosigned, "cosignatures of a quorum", policy.unmet(by: found.keys).en)
    }

    /// Whose notes may stand beside the checkpoint: a ledger that changed its key has several.
    private func known(_ work: Work) -> [VerifierKey] {
        work.keys + (options.key.map { [$0] } ?? [])
    }

    private mutating func judgeTimestamps(_ work: Work) {
        guard let origin = report.origin else { return }
        let trust = options.timestampAuthorities.map { TimestampToken.Trust.certificates(pem: $0) }
        var chain = TimestampChain(after: work.files.timestamps.first.map { $0 - 1 } ?? 0)
        for number in work.files.timestamps {
            var files: [String: [UInt8]] = [:]
            for (name, _) in KeptTimestamp.fileLimits {
                files[name] = work.files[.timestamp(number, name)]
            }
            let kept = KeptTimestamp(number: number, files: files)
            chain.add(kept, of: origin, by: known(work), trusting: trust)
        }
        let judgement = TimestampJudgement(chain, at: options.seconds) {
            BundleName.timestamp($0, "reply.tsr").path
        }
        report.timestamps = judgement.facts
        report.findings += judgement.findings
        report.notes += judgement.notes
        for number in work.subject?.asked ?? [] {
            guard let record = work.records[number],
                let first = chain.valid.first(where: { $0.checkpoint.size.rawValue > number })
            else { continue }
            judge(.timestampProof(first.number, number), record, number, first.checkpoint, work)
        }
    }
}

/// A record of a bundle, as far as it can be read.
private struct ReadRecord {
    let leaf: LeafHash
    /// Nil of a withheld line, and of what cannot be read.
    var event: JSONValue?
    var isWithheld = false
    var stream = ""
    var revision: UInt64 = 0
    /// Why it is no record of its number; nil if it is one.
    var fault: String?

    init(_ line: [UInt8], _ number: UInt64) {
        if let stub = line.withUnsafeBytes({ WithheldLine($0) }) {
            leaf = stub.leafHash
            (stream, revision) = (stub.stream.text, stub.revision.rawValue)
            isWithheld = true
            if stub.sequence.rawValue != number { fault = "record \(stub.sequence)" }
            return
        }
        leaf = line.withUnsafeBytes { MerkleHasher().leaf($0) }
        let stated = line.withUnsafeBytes { raw in
            try? JSONReader(byteCountMax: RecordLayout.byteCountMax).read(raw) { root -> UInt64? in
                (try? RecordView(root))?.sequence.rawValue
            }
        }
        if stated != number { fault = stated.flatMap(\.self).map { "record \($0)" } ?? "none" }
        guard let value = try? JSONValue(parsing: line) else { return }
        event = value["event"]
        stream = event?["subject"]?.string ?? ""
        revision = value["intake"]?["revision"]?.integer.flatMap { UInt64(exactly: $0) } ?? 0
    }

    /// The catalogue that it puts into force, if it is the ledger's own record of that.
    var adopted: Digest? {
        let types = ["ledger.created", "ledger.catalogue-adopted"]
        guard let type = event?["type"]?.string, types.contains(type) else { return nil }
        return event?["data"]?["catalogue"]?.string.flatMap { Digest(hex: $0) }
    }

    /// Attachments that the ledger holds.
    var held: [(digest: Digest, byteCount: Int)] {
        (event?["data"]?["attachments"]?.array ?? []).compactMap { item in
            guard item["held"]?.string == "ledger",
                let digest = item["sha256"]?.string.flatMap({ Digest(hex: $0) })
            else { return nil }
            return (digest, item["bytes"]?.integer.map { Int($0) } ?? -1)
        }
    }
}
