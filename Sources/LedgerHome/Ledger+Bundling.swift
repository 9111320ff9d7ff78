package import Bundles
import CanonicalJSON
import Catalogue
package import Checkpoints
import Digests
import DurableFiles
import LedgerData
import LedgerStore
import Merkle
import Phrases
import Records

extension Ledger {
    /// Gathers all that a bundle of `wanted` holds: Specs/bundle.md section 1.
    ///
    /// `timestamps` are all that the ledger keeps, in order.
    package func bundle(
        of wanted: BundleSubject.Wanted, timestamps: [KeptTimestamp]
    ) async throws(LedgerError) -> BundleContents {
        let checkpoint = try await checkpoint()
        let asked = try await asked(wanted, checkpoint)
        let needed = Set([0] + asked.compactMap { number in adoption(at: number)?.from })
        let context = needed.subtracting(asked).sorted()
        var contents = BundleContents(
            BundleSubject(origin: origin.text, wanted: wanted, asked: asked, context: context),
            checkpoint, keys: keys, reader: LedgerData.reader)
        if DurableFile.exists("\(folder)/checkpoints/cosigned") {
            contents.cosigned = try cosignedCheckpoint()
        }
        let stamped = try verified(timestamps)
        var prover = proofMaker()
        var firstStamp: UInt64?
        for number in (asked + context).sorted() {
            var record = try await record(number, &contents, &prover)
            if asked.contains(number),
                let stamp = stamped.first(where: { $0.checkpoint.size.rawValue > number })
            {
                let proof = try await proof(number, under: stamp.checkpoint, &prover)
                record.stamped = (stamp.number, proof)
                firstStamp = min(firstStamp ?? stamp.number, stamp.number)
            }
            contents.records.append(record)
        }
        if let firstStamp { contents.timestamps = timestamps.filter { $0.number >= firstStamp } }
        return contents
    }

    /// The numbers of the records that are wanted.
    private func asked(
        _ wanted: BundleSubject.Wanted, _ checkpoint: VerifiedCheckpoint
    ) async throws(LedgerError) -> [UInt64] {
        let size = checkpoint.size.rawValue
        let numbers: [UInt64]
        switch wanted {
        case .range(let range):
            guard range.upperBound < size else {
                throw LedgerError(
                    en: "there is no record \(range.upperBound) under the newest checkpoint, which "
                        + "covers \(size), from 0",
                    zh: "最新检查点之下没有记录 \(range.upperBound)；共涵盖 \(size) 条，自 0 起编号")
            }
            numbers = Array(range.prefix(BundleSubject.askedMax + 1))
        case .stream(let stream):
            do throws(StoreError) {
                numbers = try await store.sequence(
                    of: stream, from: Revision(0), limit: BundleSubject.askedMax + 1
                ).map(\.rawValue).filter { $0 < size }
            } catch {
                throw LedgerError(error)
            }
        }
        guard !numbers.isEmpty else {
            throw LedgerError(en: "there is no such case", zh: "没有该案件")
        }
        guard numbers.count <= BundleSubject.askedMax else {
            throw LedgerError(
                en: "more than \(BundleSubject.askedMax) records: make several bundles",
                zh: "超过 \(BundleSubject.askedMax) 条记录：请分成几个证据包")
        }
        return numbers
    }

    private func adoption(at number: UInt64) -> (from: UInt64, digest: Digest)? {
        adoptions.last { $0.from <= number }
    }

    private func verified(
        _ timestamps: [KeptTimestamp]
    ) throws(LedgerError) -> [VerifiedTimestamp] {
        var chain = TimestampChain()
        for one in timestamps { chain.add(one, of: origin, by: keys, trusting: nil) }
        if let (number, error) = chain.refused.first(where: { !$0.error.isUntrusted }) {
            throw LedgerError(
                en: "timestamp \(number) is not valid: \(error.phrase.en); run hanqing timestamp "
                    + "check",
                zh: "时间戳 \(number) 无效：\(error.phrase.zh)；请运行 hanqing timestamp check")
        }
        return chain.valid
    }

    private func record(
        _ number: UInt64, _ contents: inout BundleContents, _ prover: inout ProofMaker
    ) async throws(LedgerError) -> BundledRecord {
        let line: [UInt8]
        do throws(StoreError) {
            line = try await store.lines(at: [SequenceNumber(number)]).first ?? []
        } catch {
            throw LedgerError(error)
        }
        let proof = try await proof(number, under: contents.checkpoint, &prover)
        var record = BundledRecord(sequence: number, line: line, proof: proof)
        if let cosigned = contents.cosigned, number < cosigned.size.rawValue {
            record.cosignedProof = try await self.proof(number, under: cosigned, &prover)
        }
        guard contents.subject.asked.contains(number) else { return record }
        try describe(&record, &contents)
        return record
    }

    private func proof(
        _ number: UInt64, under checkpoint: VerifiedCheckpoint, _ prover: inout ProofMaker
    ) async throws(LedgerError) -> [UInt8] {
        let proof = try await proof(of: SequenceNumber(number), by: &prover, under: checkpoint)
        guard let proof else {
            throw LedgerError(
                en: "record \(number) is not covered", zh: "记录 \(number) 未被涵盖")
        }
        return proof.file.bytes
    }

    /// Adds the catalogue in force, the attachments held here, and what of it names persons.
    private func describe(
        _ record: inout BundledRecord, _ contents: inout BundleContents
    ) throws(LedgerError) {
        var catalogue = self.catalogue
        if let digest = adoption(at: record.sequence)?.digest {
            if digest != catalogue.digest {
                catalogue = try AdoptedCatalogues(ledger: folder).load(digest)
            }
            contents.catalogues[digest] = catalogue.compiled
        }
        guard let event = (try? JSONValue(parsing: record.line))?["event"],
            let data = event["data"]
        else { return }
        let type = catalogue.eventType(event["type"]?.string ?? "")
        record.title = type?.title
        record.persons = PersonsNamed(in: data, type).phrases
        for item in data["attachments"]?.array ?? [] where item["held"]?.string == "ledger" {
            guard let digest = item["sha256"]?.string.flatMap({ Digest(hex: $0) }) else { continue }
            let held = BundledAttachment(
                digest: digest, byteCount: item["bytes"]?.integer.map { Int($0) } ?? 0)
            guard !contents.attachments.contains(held) else { continue }
            try attachments.demand(held)
            contents.attachments.append(held)
        }
    }
}

/// What of a record names persons, in kinds and not in names.
private struct PersonsNamed {
    private(set) var phrases: [Phrase] = []

    init(in data: JSONValue, _ type: EventType?) {
        if data["operator"]?["person"] != nil {
            phrases.append(Phrase(en: "who entered it", zh: "录入人"))
        }
        let participants = data["participants"]?.array?.count ?? 0
        if participants > 0 {
            phrases.append(Phrase(en: "participants: \(participants)", zh: "参与人 \(participants) 名"))
        }
        if data["approver"] != nil || data["approvers"] != nil {
            phrases.append(Phrase(en: "approvers", zh: "批准人"))
        }
        for field in type?.fields ?? [] where data[field.name] != nil {
            let isOfPersons =
                field.type == .person || field.readingClass == .personal
                || field.readingClass.isEncrypted
            if isOfPersons { phrases.append(field.title) }
        }
        // A correction repeats what it mends, whatever that was.
        if data["corrected"] != nil {
            phrases.append(Phrase(en: "a corrected record", zh: "更正后的记录内容"))
        }
    }
}

extension AttachmentFolder {
    /// Throws unless the file is there as it was recorded.
    fileprivate func demand(_ attachment: BundledAttachment) throws(LedgerError) {
        do throws(FileError) {
            let file = try ByteFile(path(of: attachment.digest), .read)
            if try file.size() == attachment.byteCount,
                try digest(of: file) == attachment.digest
            {
                return
            }
        } catch {
            throw LedgerError([error.phrase])
        }
        throw LedgerError(
            en: "the attachment \(attachment.digest.hex) is not the one that was recorded: run "
                + "hanqing verify",
            zh: "附件 \(attachment.digest.hex) 与入账时不符：请运行 hanqing verify")
    }

    /// So many bytes of an attachment from `offset` on, all of them.
    package func bytes(
        of attachment: BundledAttachment, from offset: Int, count: Int
    ) throws(LedgerError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try ByteFile(path(of: attachment.digest), .read).read(count, at: offset)
        } catch {
            throw LedgerError([error.phrase])
        }
        guard bytes.count == count else {
            throw LedgerError(
                en: "the attachment \(attachment.digest.hex) became shorter while it was read",
                zh: "附件 \(attachment.digest.hex) 在读取过程中变短")
        }
        return bytes
    }
}
