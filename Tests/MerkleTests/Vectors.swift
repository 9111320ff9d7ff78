import Digests
import Foundation
import Merkle

/// The folder `Specs/vectors`.
let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Specs/vectors")

/// The JSON files under `merkle/testdata/<kind>`, decoded.
func cases<Case: Decodable>(_ kind: String, as type: Case.Type) throws -> [(String, Case)] {
    let folder = vectors.appending(path: "merkle/testdata/\(kind)")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try names.filter { $0.hasSuffix(".json") }.sorted().map { name in
        let bytes = try Data(contentsOf: folder.appending(path: name))
        return (name, try JSONDecoder().decode(type, from: bytes))
    }
}

func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: vectors.appending(path: name)))
}

struct NoHash: Error {}

/// A hash in a vector.
///
/// Some vectors have nothing where a hash belongs: our types cannot hold that, so it is refused
/// here. A few roots are other text ("don't care 1"): these stand for the digest of what was given,
/// so that equal ones stay equal and none becomes right by chance.
func digest(_ bytes: Data) throws -> Digest {
    guard !bytes.isEmpty else { throw NoHash() }
    return Digest(bytes) ?? SHA256.digest(of: bytes)
}

/// Whether `body`, a verification, accepts; anything but a refusal fails the test.
func accepts(_ body: () throws -> Void) throws -> Bool {
    do {
        try body()
        return true
    } catch is NoHash {
        return false
    } catch is ProofError {
        return false
    }
}

struct InclusionCase: Decodable {
    let leafIdx: UInt64
    let treeSize: UInt64?
    let start: UInt64?
    let end: UInt64?
    let root: Data
    let leafHash: Data
    let proof: [Data]?
    let wantErr: Bool
}

struct ConsistencyCase: Decodable {
    let size1: UInt64?
    let size2: UInt64?
    let start: UInt64?
    let end: UInt64?
    let size: UInt64?
    let root1: Data
    let root2: Data
    let proof: [Data]?
    let wantErr: Bool
}

/// A seeded generator (SplitMix64), so that a failing seed can be run again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
