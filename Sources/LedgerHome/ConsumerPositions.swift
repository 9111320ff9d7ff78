package import CanonicalJSON
import Digests
import DurableFiles
import Phrases

/// How far those who follow the ledger have come, kept for them: Specs/http.md section 11.
///
/// One file each in `consumers/`, named by a hash of owner and name, which may hold any text.
package actor ConsumerPositions {
    private let folder: String

    /// A follower's place.
    package struct Position: Hashable, Sendable {
        package let owner: String
        package let name: String
        /// The first record that it has not dealt with.
        package let next: UInt64

        package init(owner: String, name: String, next: UInt64) {
            (self.owner, self.name, self.next) = (owner, name, next)
        }

        package var json: JSONValue {
            ["name": .string(name), "next": .integer(Int64(next)), "owner": .string(owner)]
        }
    }

    private static let countMax = 10_000

    package init(ledger: String) {
        folder = ledger + "/consumers"
    }

    package func position(of owner: String, _ name: String) throws(LedgerError) -> Position? {
        do throws(FileError) {
            return try read(path(of: owner, name))
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// An owner's, by name.
    package func positions(of owner: String) throws(LedgerError) -> [Position] {
        do throws(FileError) {
            guard DurableFile.isFolder(folder) else { return [] }
            var found: [Position] = []
            for name in try DurableFile.names(in: folder) where !name.hasSuffix(".new") {
                if let position = try read("\(folder)/\(name)"), position.owner == owner {
                    found.append(position)
                }
            }
            return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// Keeps it, durably.
    package func set(_ position: Position) throws(LedgerError) {
        let path = path(of: position.owner, position.name)
        do throws(FileError) {
            try DurableFile.makeFolders(folder, mode: 0o700)
            let isKnown = DurableFile.exists(path)
            let isRoom = isKnown ? true : try isRoom()
            guard isRoom else { throw FileError.tooMany(folder) }
            try DurableFile.replace(path, with: position.json.canonicalBytes + [0x0A])
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// Whether there was one.
    package func remove(_ owner: String, _ name: String) throws(LedgerError) -> Bool {
        let path = path(of: owner, name)
        guard DurableFile.exists(path) else { return false }
        do throws(FileError) {
            try DurableFile.remove(path)
            try DurableFile.syncFolder(folder)
            return true
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    private func isRoom() throws(FileError) -> Bool {
        try DurableFile.names(in: folder).count < ConsumerPositions.countMax
    }

    private func path(of owner: String, _ name: String) -> String {
        let key: JSONValue = [.string(owner), .string(name)]
        return "\(folder)/\(SHA256.digest(of: key.canonicalBytes).hex.prefix(32))"
    }

    /// Nil if there is none; what cannot be read is one that was never kept, and follows anew.
    private func read(_ path: String) throws(FileError) -> Position? {
        guard let bytes = try DurableFile.contents(path, limit: 4096),
            let json = try? JSONValue(parsing: bytes), let owner = json["owner"]?.string,
            let name = json["name"]?.string,
            let next = json["next"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        return Position(owner: owner, name: name, next: next)
    }
}

extension FileError {
    fileprivate static func tooMany(_ folder: String) -> FileError {
        FileError(
            Phrase(
                en: "\(folder) keeps as many positions as it may; remove some",
                zh: "\(folder) 保存的位置已达上限；请删除不用的"))
    }
}
