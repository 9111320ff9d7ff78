import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Merkle
import Witnessing

extension FuzzTarget {
    /// What a log sends a witness.
    static let witnessRequest = FuzzTarget(
        "witness-request", byteCountMax: 4096, dictionary: requestWords
    ) { (bytes) throws(Broken) in
        guard let origin = Origin("ledger.example/audit"), let key = workedKey else {
            throw Broken("the worked example's names are read")
        }
        let judge = WitnessJudge([origin: [key]])
        let candidate: WitnessJudge.Candidate
        do throws(WitnessRefusal) {
            candidate = try judge.read(bytes)
        } catch {
            try demand((400...404).contains(error.status), "what says nothing of a log's state")
            guard let request = WitnessRequest(bytes) else { return .refused }
            try demand(request.bytes.elementsEqual(bytes), "a request has one spelling")
            return .read
        }
        // Nobody has the log's key, so only what it signed is admitted.
        try demand(candidate.checkpoint.size == TreeSize(5), "only what was signed is admitted")
        let old = Checkpoint(origin: origin, size: TreeSize(3), root: workedRoot)
        let isContinued = (try? judge.demand(candidate, continues: old)) != nil
        let fork = Checkpoint(origin: origin, size: TreeSize(3), root: Root(.zero))
        let continuesFork = (try? judge.demand(candidate, continues: fork)) != nil
        try demand(!continuesFork, "no proof leads from a fork")
        return isContinued ? .read : .refused
    }

    /// A policy, and a witness's settings.
    static let policy = FuzzTarget("policy", byteCountMax: 2048, dictionary: policyWords) {
        (bytes) throws(Broken) in
        let settings = try? WitnessSettings(bytes, folder: "/nowhere")
        guard let policy = try? WitnessPolicy(bytes) else {
            return settings == nil ? .refused : .read
        }
        try demand(policy.isMet(by: policy.witnessKeys), "all witnesses of a policy are enough")
        for key in policy.witnessKeys where policy.isMet(by: []) {
            try demand(policy.isMet(by: [key]), "one more is not too many")
        }
        return .read
    }

    /// Receipts that somebody kept.
    static let keptReceipt = FuzzTarget(
        "kept-receipt", byteCountMax: 4096, dictionary: receiptWords
    ) { (bytes) throws(Broken) in
        guard let file = try? KeptReceipt.File(Array(bytes)), let key = workedKey
        else { return .refused }
        let audit = ReceiptAudit(keys: [key], policy: nil)
        for receipt in file.receipts {
            guard case .proved(let facts) = audit.judge(receipt, record: nil) else { continue }
            try demand(
                facts.checkpoint.root == workedRootOfFive && facts.sequence.rawValue < 5,
                "only what was signed proves")
        }
        return .read
    }

    /// Evidence that a log signed two histories.
    static let evidence = FuzzTarget(
        "evidence", byteCountMax: 4096, dictionary: evidenceWords
    ) { (bytes) throws(Broken) in
        guard let value = try? JSONValue(parsing: bytes), let evidence = ForkEvidence(value),
            let key = workedKey
        else { return .refused }
        try demand(ForkEvidence(evidence.json) == evidence, "what is written reads the same again")
        // The worked example's log signed one history, and nobody has its key.
        if case .forked = evidence.judge(by: [key]) {
            throw Broken("no evidence shows a fork where there is none")
        }
        return .read
    }

    private static let workedKey = try? VerifierKey(
        "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
    private static let workedRoot = Root(
        Digest(hex: "a64bf26e09128f6fe2fe6f8b2d8c801e166b57c047a7cd9b2b809e7a96a2f1cb") ?? .zero)
    private static let workedRootOfFive = Root(
        Digest(hex: "1aa68d3074905a581f84cbbd0f753794904fd80451bc4c13e69d9a53bc59502c") ?? .zero)

    private static let requestWords = [
        "old 3\n", "old 0\n\n", "=\n\nledger.example/audit\n5\n", "\n\n\u{2014} ",
        "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n",
    ]

    private static let policyWords = [
        "log ", "witness ", "group ", "quorum ", "none", "any ", "all ", "key ", "state ",
        "listen 127.0.0.1:0\n",
        "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X",
    ]

    private static let evidenceWords = [
        #"{"format":1,"kind":"two-roots","origin":"ledger.example/audit","first":""#,
        #""kind":"two-records","#, #""kind":"shorter","#, #""second":""#, #""consistency":["#,
        #""root":""#, #""firstLeaf":{"leafHash":""#, #""secondLeaf":{"leafHash":""#,
        #""proof":["#, #""seq":"#, #"\n\n— ledger.example/audit "#,
    ]

    private static let receiptWords = [
        #"{"seq":"#, #""leafHash":""#, #""checkpoint":""#, #""proof":["#, #""stream":""#,
        "c2sp.org/tlog-proof@v1\nindex ", #"\n\n— ledger.example/audit "#,
    ]
}
