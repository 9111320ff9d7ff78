import AuditSources
import Auditing
import Foundation
import LedgerHome

/// Where a log is shown, as a person names it.
enum LogPlace {
    /// A running server, or a folder on a web server.
    case url(TileURL)
    /// A published folder.
    case tiles(String)
    /// A ledger's own folder.
    case ledger(String)

    init(_ text: String) {
        if let url = TileURL(text) {
            self = .url(url)
            return
        }
        let folder = text.hasPrefix("file://") ? URL(string: text)?.path ?? text : text
        self = TileFolder.isAt(folder) ? .tiles(folder) : .ledger(folder)
    }

    /// Gives the log to `body`, and lets go of it whatever happens.
    func read<Value>(
        _ common: CommonOptions, _ body: (any TileReader) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .tiles(let folder): return try await body(TileFolder(folder))
        case .url(let url):
            do {
                let value = try await body(url)
                await url.shutdown()
                return value
            } catch {
                await url.shutdown()
                throw error
            }
        case .ledger(let folder):
            let ledger = try await Ledger.open(folder, .read, logger: common.logger)
            do {
                let value = try await body(LedgerTiles(ledger))
                try await ledger.close()
                return value
            } catch {
                try? await ledger.close()
                throw error
            }
        }
    }
}
