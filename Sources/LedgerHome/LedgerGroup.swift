import Foundation
import LedgerStore
package import Logging
import Phrases
import Projections
import SideBySide

/// Ledgers that are asked one question together, or what was made of each: Specs/projections.md
/// section 8.
package struct LedgerGroup<Member: Sendable>: Sendable {
    /// In the order in which they were named.
    package let members: [Member]
    package let folders: [String]
    package let origins: [String]

    /// The origins, as short as tells them apart.
    package var names: [String] { shortNames(origins) }

    package var isOne: Bool { members.count == 1 }

    /// Makes something of each, side by side.
    ///
    /// What fails fails all, and names the folder of each ledger with which it did.
    package func map<Value: Sendable>(
        _ body: @escaping @Sendable (Member) async throws -> Value
    ) async throws -> LedgerGroup<Value> {
        let results = await sideBySide(members) { member in
            do {
                return Result<Value, any Error>.success(try await body(member))
            } catch {
                return .failure(error)
            }
        }
        return LedgerGroup<Value>(
            members: try LedgerGroup.values(results, folders), folders: folders, origins: origins)
    }

    /// The one in that place, alone.
    package func only(_ place: Int) -> LedgerGroup {
        LedgerGroup(
            members: [members[place]], folders: [folders[place]], origins: [origins[place]])
    }

    /// The place of the one ledger that holds what is called `name`; nil if none does.
    ///
    /// One that stands in several of them is refused: it is another thing in each.
    package func place(
        holding name: String, _ isHolding: @escaping @Sendable (Member) async throws -> Bool
    ) async throws -> Int? {
        let held = try await map(isHolding).members
        let places = held.indices.filter { held[$0] }
        guard places.count > 1 else { return places.first }
        let holders = places.map { folders[$0] }
        throw LedgerError(
            en: "\(name) is in several of the ledgers: \(holders.joined(separator: ", ")); "
                + "ask one of them",
            zh: "\(name) 同时见于多个账本：\(holders.joined(separator: "、"))；请只指定其中一个")
    }

    fileprivate static func values<Value>(
        _ results: [Result<Value, any Error>], _ folders: [String]
    ) throws -> [Value] {
        var values: [Value] = []
        var phrases: [Phrase] = []
        for (folder, result) in zip(folders, results) {
            switch result {
            case .success(let value): values.append(value)
            case .failure(let error):
                guard let own = LedgerError(reasonOf: error) else { throw error }
                phrases += folders.count == 1 ? own.phrases : own.phrases.map { $0.about(folder) }
            }
        }
        guard phrases.isEmpty else { throw LedgerError(phrases) }
        return values
    }
}

extension LedgerGroup<Ledger> {
    /// Opens all of them, or none.
    ///
    /// `progress` is told of the ledger in that place.
    package static func open(
        _ folders: [String], _ access: Ledger.Access, logger: Logger,
        progress: @escaping @Sendable (_ place: Int, Ledger.Progress) -> Void
    ) async throws -> LedgerGroup<Ledger> {
        try demandDifferent(folders)
        let results = await sideBySide(Array(folders.enumerated())) { place, folder in
            do throws(LedgerError) {
                return Result<Ledger, any Error>.success(
                    try await Ledger.open(
                        folder, access, logger: logger, progress: { progress(place, $0) }))
            } catch {
                return .failure(error)
            }
        }
        do {
            let ledgers = try values(results, folders)
            return LedgerGroup(
                members: ledgers, folders: folders, origins: ledgers.map(\.settings.origin))
        } catch {
            for case .success(let ledger) in results { try? await ledger.close() }
            throw error
        }
    }

    /// Lets go of all of them.
    package func close() async throws(LedgerError) {
        for ledger in members { try await ledger.close() }
    }

    /// The same records would count twice.
    private static func demandDifferent(_ folders: [String]) throws(LedgerError) {
        var known: [String: String] = [:]
        var origins: [String: String] = [:]
        for folder in folders {
            let path = URL(filePath: folder).resolvingSymlinksInPath().path
            if known.updateValue(folder, forKey: path) != nil {
                throw LedgerError(
                    en: "\(folder) is named twice: name each ledger once",
                    zh: "\(folder) 被指定两次：每个账本只能指定一次")
            }
            // What cannot be read is told when it is opened.
            guard let settings = try? LedgerSettings(folder: folder) else { continue }
            if let other = origins.updateValue(folder, forKey: settings.origin) {
                throw LedgerError(
                    en: "\(other) and \(folder) have the same origin, \(settings.origin): one of "
                        + "them is a copy, and its records would count twice",
                    zh: "\(other) 与 \(folder) 的 origin 相同（\(settings.origin)）：其一为副本，"
                        + "其记录会被重复计算")
            }
        }
    }
}

/// Origins without the beginning up to `/` that all have in common.
///
/// One alone, or one that would have no name left, keeps them whole.
package func shortNames(_ origins: [String]) -> [String] {
    guard origins.count > 1, let first = origins.first else { return origins }
    var common = first[...]
    for origin in origins { common = common.commonPrefix(with: origin)[...] }
    guard let slash = common.lastIndex(of: "/") else { return origins }
    let length = common[...slash].count
    let names = origins.map { String($0.dropFirst(length)) }
    return names.contains("") ? origins : names
}

extension LedgerError {
    /// What a ledger or its projection said; nil of other errors.
    fileprivate init?(reasonOf error: any Error) {
        switch error {
        case let error as LedgerError: self = error
        case let error as StoreError: self.init(error)
        case let error as ProjectionError: self.init([error.phrase])
        default: return nil
        }
    }
}

extension Phrase {
    fileprivate func about(_ folder: String) -> Phrase {
        Phrase(en: "\(folder): \(en)", zh: "\(folder)：\(zh)")
    }
}
