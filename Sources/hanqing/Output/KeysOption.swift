import ArgumentParser
import Checkpoints
import LedgerHome

/// The keys of a ledger, as whoever judges knows them by another way than what is judged.
struct KeysOption: ParsableArguments {
    @Option(
        name: [.customLong("key"), .customLong("vkey")],
        help: ArgumentHelp(
            "The ledger's public key; again for each key that it has had. 账本公钥，可重复。",
            valueName: "key"))
    var key: [String] = []

    /// They must be given, unless something else says whose word counts.
    func keys(orElse isOptional: Bool = false) throws(LedgerError) -> [VerifierKey] {
        guard !key.isEmpty || isOptional else {
            throw LedgerError(
                en: "give the ledger's public key with --key: hanqing checkpoint --vkey prints it, "
                    + "and it must come by another way than what is judged",
                zh: "请用 --key 提供账本公钥（hanqing checkpoint --vkey 可打印），且须另行取得")
        }
        var keys: [VerifierKey] = []
        for text in key { keys.append(try readVerifierKey(text)) }
        return keys
    }
}
