import ArgumentParser
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Records

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a record's exact bytes. 打印记录的原始字节。")

    @Argument(help: "The record's sequence number. 记录序号。")
    var seq: UInt64

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            guard let line = try await ledger.line(SequenceNumber(seq)) else {
                throw await ledger.noRecord(seq)
            }
            printer.write(line)
            if printer.isTerminal { printer.write([0x0A]) }
        }
    }
}

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print the newest signed checkpoint. 打印最新的签名检查点。",
        discussion: "Keep a copy outside the bureau: hanqing verify --checkpoint FILE then finds a "
            + "ledger that was rolled back. 请在局外留存一份，可用于发现账本回退。")

    @Flag(help: "Print the key that verifies it. 打印验证密钥。")
    var vkey = false

    @Flag(help: "Sign it with SM2 too, over the SM3 root: Specs/shangmi.md. 加 SM2 签名。")
    var sm2 = false

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            if sm2 { return try await signSM2(ledger, printer) }
            if vkey {
                common.json
                    ? printer.print(["vkey": .string(ledger.verifierKey.description)])
                    : printer.print(ledger.verifierKey.description)
                return
            }
            let checkpoint = try await ledger.checkpoint()
            guard common.json else { return printer.write(checkpoint.bytes) }
            let answer: JSONValue = [
                "origin": .string("\(checkpoint.origin)"),
                "size": .integer(Int64(checkpoint.size.rawValue)),
                "root": .string(checkpoint.root.digest.hex),
                "note": .string(String(decoding: checkpoint.bytes, as: UTF8.self)),
            ]
            printer.print(answer)
        }
    }

    private func signSM2(_ ledger: Ledger, _ printer: Printer) async throws {
        let line = printer.progress(
            Phrase(en: "hashing with SM3", zh: "正在计算 SM3"), .records)
        let (checkpoint, root) = try await ledger.signSM2 { line.tell(done: $0, total: $1) }
        guard common.json else { return printer.write(checkpoint.bytes) }
        printer.print([
            "size": .integer(Int64(checkpoint.size.rawValue)), "sm3Root": .string(root.hex),
            "note": .string(String(decoding: checkpoint.bytes, as: UTF8.self)),
        ])
    }
}

struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Prove a record, or that the ledger only grew. 证明记录在账，或账本只增不改。",
        discussion: "A record's proof is printed as a C2SP tlog-proof, or as JSON with --json.")

    @Argument(help: "The record's sequence number. 记录序号。")
    var seq: UInt64?

    @Flag(
        help: """
            Under the newest checkpoint that witnesses cosigned (hanqing publish --policy). \
            以最新的经联署检查点为准。
            """)
    var cosigned = false

    @Option(
        help: ArgumentHelp(
            "Prove that the ledger of this size is the beginning of today's. 证明自该规模以来只增不改。",
            valueName: "size"))
    var from: UInt64?

    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if (seq == nil) == (from == nil) {
            throw ValidationError("give a sequence number, or --from SIZE")
        }
        if cosigned, seq == nil {
            throw ValidationError("--cosigned goes with a sequence number")
        }
    }

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            if let seq { try await prove(SequenceNumber(seq), ledger, printer) }
            if let from { try await prove(from: TreeSize(from), ledger, printer) }
        }
    }

    private func prove(
        _ sequence: SequenceNumber, _ ledger: Ledger, _ printer: Printer
    ) async throws {
        var prover = ledger.proofMaker()
        let checkpoint = cosigned ? try ledger.cosignedCheckpoint() : nil
        let proof = try await ledger.proof(of: sequence, by: &prover, under: checkpoint)
        guard let proof else {
            guard let checkpoint else { throw await ledger.noRecord(sequence.rawValue) }
            throw LedgerError(
                en:
                    "\(checkpoint.size) records were cosigned; record \(sequence) is not among them",
                zh: "已联署 \(checkpoint.size) 条记录，不含记录 \(sequence)")
        }
        common.json ? printer.print(proof.json) : printer.write(proof.file.bytes)
    }

    private func prove(from old: TreeSize, _ ledger: Ledger, _ printer: Printer) async throws {
        let checkpoint = try await ledger.checkpoint()
        guard old > .zero, old <= checkpoint.size else {
            throw LedgerError(
                en: "--from is between 1 and \(checkpoint.size)",
                zh: "--from 应在 1 与 \(checkpoint.size) 之间")
        }
        var prover = ProofMaker(ledger.store)
        let proof = try await answered { () async throws(StoreError) in
            try await prover.consistency(from: old, to: checkpoint.size)
        }
        let answer: JSONValue = [
            "from": .integer(Int64(old.rawValue)),
            "to": .integer(Int64(checkpoint.size.rawValue)),
            "root": .string(checkpoint.root.digest.hex),
            "proof": .array(proof.map { .string($0.hex) }),
            "checkpoint": .string(String(decoding: checkpoint.bytes, as: UTF8.self)),
        ]
        if common.json { return printer.print(answer) }
        printer.print("consistency \(old) \(checkpoint.size)")
        for hash in proof { printer.print(hash.hex) }
        printer.print()
        printer.write(checkpoint.bytes)
    }
}

/// A store's error becomes the program's.
func answered<Result>(
    _ body: () async throws(StoreError) -> Result
) async throws(LedgerError) -> Result {
    do throws(StoreError) {
        return try await body()
    } catch {
        throw LedgerError(error)
    }
}

extension Ledger {
    /// The bytes of one record, or nil past the end.
    func line(_ sequence: SequenceNumber) async throws(LedgerError) -> [UInt8]? {
        try await answered { () async throws(StoreError) in
            try await store.lines(from: sequence, limit: 1).first
        }
    }

    func noRecord(_ sequence: UInt64) async -> LedgerError {
        let size = (try? await store.head().size) ?? .zero
        return LedgerError(
            en: "there is no record \(sequence); the ledger has \(size), from 0",
            zh: "没有记录 \(sequence)；账本共 \(size) 条，自 0 起编号")
    }
}
