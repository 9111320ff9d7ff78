import ArgumentParser
import Auditing
import Checkpoints
import Digests
import LedgerHome
import Phrases

/// Who else may hold newer checkpoints of a ledger: witnesses, and places that publish its tiles.
struct HoldersOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A c2sp.org/tlog-policy file: ask each of its witnesses that has an address. 逐一询问见证人。",
            valueName: "file"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Published tiles, a folder or an address: ask there. 已发布的分块目录或网址。",
            valueName: "place"))
    var tiles: [String] = []

    /// What a record says of where was asked.
    var kinds: [String] {
        (tiles.isEmpty ? [] : ["tiles"]) + (policy == nil ? [] : ["witnesses"])
    }

    /// A signed checkpoint is far smaller, with the lines of many witnesses.
    private static let byteCountMax = 1 << 20

    /// What they hold, signed by whoever it is.
    ///
    /// One that does not answer is an error, for it may hold the newest; one that says that it has
    /// none is told.
    func ask(
        _ origin: Origin, _ common: CommonOptions, _ printer: Printer
    ) async throws -> [Ledger.SeenCheckpoint] {
        var seen: [Ledger.SeenCheckpoint] = []
        for place in tiles {
            let note = try await LogPlace(place).read(common) { reader in
                try await reader.file("checkpoint", limit: HoldersOption.byteCountMax)
            }
            keep(note, place, origin, printer, &seen)
        }
        let name = SHA256.digest(of: Array(origin.text.utf8)).hex
        for witness in try policy.map(readPolicy)?.witnesses ?? [] {
            guard let address = witness.url else { continue }
            guard let url = TileURL(address) else {
                throw LedgerError(
                    en: "\(address) of witness \(witness.name) is no http:// or https:// address",
                    zh: "见证人 \(witness.name) 的 \(address) 不是 http:// 或 https:// 网址")
            }
            let note = try await LogPlace.url(url).read(common) { reader in
                try await reader.file(name + "/checkpoint", limit: HoldersOption.byteCountMax)
            }
            keep(note, "\(witness.name) (\(address))", origin, printer, &seen)
        }
        return seen
    }

    private func keep(
        _ note: [UInt8]?, _ name: String, _ origin: Origin, _ printer: Printer,
        _ seen: inout [Ledger.SeenCheckpoint]
    ) {
        guard let note else {
            return printer.complain(
                Phrase(
                    en: "\(name) has no checkpoint of \(origin)",
                    zh: "\(name) 没有 \(origin) 的检查点"))
        }
        seen.append(Ledger.SeenCheckpoint(name: name, note: note))
    }
}
