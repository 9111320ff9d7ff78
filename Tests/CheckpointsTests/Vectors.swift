import Checkpoints
import Digests
import Foundation
import Merkle

/// The folder `Specs/vectors`.
let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Specs/vectors")

func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: vectors.appending(path: name)))
}

/// `worked-example/values.json`: one small log, its witness and everything that follows from their
/// seeds, made by other programs.
struct WorkedExample: Decodable {
    let origin: String
    let log_seed_hex: String
    let log_skey: String
    let log_vkey: String
    let log_key_id_hex: String
    let witness_name: String
    let witness_seed_hex: String
    let witness_vkey: String
    let witness_key_id_hex: String
    let cosignature_time: UInt64
    let entries: [String]
    let leaf_hashes_hex: [String]
    let roots_hex: [String: String]
    let entry_bundle_hex: String
    let tile_0_000_p_5_hex: String
    let checkpoint: String
    let cosigned: String
    let inclusion_proof_index2_hex: [String]
    let consistency_3_to_5_hex: [String]
    let cosign_message: String

    static func load() throws -> WorkedExample {
        try JSONDecoder().decode(
            WorkedExample.self, from: Data(bytes("worked-example/values.json")))
    }
}

/// The log and the witness of the worked example, and its checkpoint of five records.
struct Sample {
    let values: WorkedExample
    let log: SignerKey
    let logKey: VerifierKey
    let witness: SignerKey
    let witnessKey: VerifierKey
    let origin: Origin
    let checkpoint: Checkpoint

    enum Fault: Error { case badValue }

    init() throws {
        values = try WorkedExample.load()
        guard let origin = Origin(values.origin), let name = KeyName(values.witness_name),
            let seed = Hex.decode(values.witness_seed_hex),
            let key = Ed25519PrivateKey(seed: seed), let hex = values.roots_hex["5"],
            let root = Digest(hex: hex)
        else { throw Fault.badValue }
        log = try SignerKey(secretText: values.log_skey)
        logKey = try VerifierKey(values.log_vkey)
        witness = SignerKey(name: name, privateKey: key)
        witnessKey = try VerifierKey(values.witness_vkey)
        self.origin = origin
        checkpoint = Checkpoint(origin: origin, size: TreeSize(5), root: Root(root))
    }
}
