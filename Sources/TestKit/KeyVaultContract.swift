import Digests
import Phrases
package import Sealing

/// What every vault must do, as checks that throw.
///
/// Each vault's test is one call of ``check(_:)``.
package struct KeyVaultContract: Sendable {
    /// Makes an empty vault.
    private let make: @Sendable () async throws -> any KeyVault

    package init(_ make: @escaping @Sendable () async throws -> any KeyVault) {
        self.make = make
    }

    /// A promise that the vault did not keep.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    package static let names = [
        "empty", "holders", "keys", "links", "discard", "holds", "shred", "stock", "replace",
        "random",
    ]

    package func check(_ name: String, seed: UInt64 = 1) async throws {
        let vault = try await make()
        switch name {
        case "empty": try await checkEmpty(vault)
        case "holders": try await checkHolders(vault)
        case "keys": try await checkKeys(vault)
        case "links": try await checkLinks(vault)
        case "discard": try await checkDiscard(vault)
        case "holds": try await checkHolds(vault)
        case "shred": try await checkShred(vault)
        case "stock": try await checkStock(vault)
        case "replace": try await checkReplace(vault)
        case "random": try await checkRandom(vault, seed: seed)
        default: throw Broken(description: "no check called \(name)")
        }
    }

    private func demand(_ isKept: Bool, _ promise: String) throws {
        if !isKept { throw Broken(description: promise) }
    }

    private func refuses<Result>(
        _ code: VaultError.Code, _ what: String, _ body: () async throws -> Result
    ) async throws {
        do {
            _ = try await body()
        } catch let error as VaultError {
            return try demand(error.code == code, "\(what): \(code), not \(error)")
        }
        throw Broken(description: "\(what) is refused")
    }

    // MARK: The checks

    private func checkEmpty(_ vault: any KeyVault) async throws {
        try demand(await vault.holders().isEmpty, "an empty vault has no holders")
        try demand(await vault.counts() == VaultCounts(), "and nothing else")
        let key = DataKey(VaultMaker.chance)
        try demand(await vault.state(of: key.handle) == .unknown, "a handle is unknown")
        try demand(await vault.handles(of: "P-1").isEmpty, "a subject has no handles")
        try await refuses(.notFound, "a key for no holder") {
            try await vault.keep([VaultMaker.wrap(key, to: VaultMaker.holder("a"))])
        }
        try await refuses(.notFound, "shredding nobody") {
            try await vault.shred("P-1", on: "2026-01-01")
        }
    }

    private func checkHolders(_ vault: any KeyVault) async throws {
        let (one, two) = (VaultMaker.holder("one"), VaultMaker.holder("two"))
        try await vault.add(one.holder)
        try await vault.add(two.holder)
        try demand(await vault.holders() == [one.holder, two.holder], "holders are in order")
        try await refuses(.conflict, "a key that is there") {
            try await vault.add(
                Holder(name: "x", publicKey: one.holder.publicKey, groups: one.holder.groups))
        }
        try await refuses(.conflict, "a name that is there") {
            try await vault.add(VaultMaker.holder("two").holder)
        }
        try await vault.retire(one.holder.id)
        try demand(await vault.holders().map(\.isRetired) == [true, false], "one has left")
        try await refuses(.notFound, "an unknown holder") {
            try await vault.retire(VaultMaker.holder("three").holder.id)
        }
    }

    private func checkKeys(_ vault: any KeyVault) async throws {
        let (one, two) = (VaultMaker.holder("one"), VaultMaker.holder("two"))
        for holder in [one, two] { try await vault.add(holder.holder) }
        let keys = (0..<3).map { _ in DataKey(VaultMaker.chance) }
        let wrapped = keys.flatMap { key in [one, two].map { VaultMaker.wrap(key, to: $0) } }
        try await vault.keep(wrapped)
        for key in wrapped {
            try demand(
                await vault.wrappedKey(of: key.handle, for: key.holder) == key,
                "what is kept is given back")
            try demand(await vault.state(of: key.handle) == .unassigned, "and unassigned")
        }
        try await refuses(.conflict, "a handle that is known") {
            try await vault.keep([wrapped[0]])
        }
        let new = DataKey(VaultMaker.chance)
        try await refuses(.conflict, "a known handle among new ones") {
            try await vault.keep([VaultMaker.wrap(new, to: one), wrapped[0]])
        }
        try demand(await vault.state(of: new.handle) == .unknown, "nothing of it is kept")
        let stranger = VaultMaker.holder("stranger").holder.id
        try demand(
            await vault.wrappedKey(of: keys[0].handle, for: stranger) == nil, "none for others")
    }

    private func checkLinks(_ vault: any KeyVault) async throws {
        let handles = try await fill(vault, 3)
        try await vault.assign([
            SubjectLink(handles[0], to: "P-1"), SubjectLink(handles[1], to: "报告/1"),
        ])
        try demand(await vault.handles(of: "P-1") == [handles[0]], "a subject has its handle")
        try demand(await vault.handles(of: "报告/1") == [handles[1]], "and the other its own")
        try demand(await vault.state(of: handles[0]) == .assigned, "the handle is assigned")
        for bad in [handles[0], DataKey(VaultMaker.chance).handle] {
            try await refuses(.conflict, "a handle that is not free") {
                try await vault.assign([
                    SubjectLink(handles[2], to: "P-2"), SubjectLink(bad, to: "P-2"),
                ])
            }
        }
        try await refuses(.conflict, "a handle twice") {
            try await vault.assign([
                SubjectLink(handles[2], to: "P-2"), SubjectLink(handles[2], to: "P-3"),
            ])
        }
        for text in ["", String(repeating: "x", count: 256)] {
            try await refuses(.conflict, "a subject of no name, or a long one") {
                try await vault.assign([SubjectLink(handles[2], to: text)])
            }
        }
        try demand(await vault.state(of: handles[2]) == .unassigned, "nothing of it is linked")
        try demand(await vault.handles(of: "P-2").isEmpty, "nothing at all")
    }

    private func checkDiscard(_ vault: any KeyVault) async throws {
        let handles = try await fill(vault, 3)
        try await vault.assign([SubjectLink(handles[0], to: "P-1")])
        try await refuses(.conflict, "destroying what belongs to somebody") {
            try await vault.discard([handles[1], handles[0]])
        }
        try demand(await vault.state(of: handles[1]) == .unassigned, "nothing of it is done")
        try await vault.discard(Array(handles[1...]))
        try demand(await vault.state(of: handles[1]) == .unknown, "discarded is unknown")
        let counts = try await vault.counts()
        try demand(counts.unassigned == 0 && counts.assigned == 1, "and counted no more")
    }

    private func checkHolds(_ vault: any KeyVault) async throws {
        let handles = try await fill(vault, 2)
        try await vault.assign(handles.map { SubjectLink($0, to: "P-1") })
        let hold = Hold(id: "h1", subject: "P-1", reason: "行政复议", placed: "2026-01-02")
        try await vault.place(hold)
        try demand(await vault.holds(on: "P-1") == [hold], "a hold stands")
        try demand(await vault.holds(on: "P-2").isEmpty, "on nobody else")
        try await refuses(.conflict, "a hold with the same id") { try await vault.place(hold) }
        do {
            _ = try await vault.shred("P-1", on: "2026-01-03")
            throw Broken(description: "what is held is not shredded")
        } catch let error as VaultError {
            try demand(error.code == .held, "held, not \(error)")
            try demand(
                error.reason.en.contains("h1") && error.reason.zh.contains("行政复议"),
                "the refusal names the hold")
        }
        try demand(await vault.handles(of: "P-1").count == 2, "nothing is gone")
        try await vault.release(holdWith: "h1")
        try await refuses(.notFound, "a hold that is gone") {
            try await vault.release(holdWith: "h1")
        }
        try demand(await vault.shred("P-1", on: "2026-01-03") == 2, "then it is")
    }

    private func checkShred(_ vault: any KeyVault) async throws {
        let handles = try await fill(vault, 6)
        try await vault.assign(
            handles[..<5].enumerated().map { SubjectLink($1, to: "P-\($0 % 2)") })
        try demand(await vault.shred("P-0", on: "2026-01-03") == 3, "three handles were P-0's")
        let holder = try await vault.holders()[0].id
        for (place, handle) in handles.enumerated() {
            let isGone = place < 5 && place % 2 == 0
            let rest: HandleState = place < 5 ? .assigned : .unassigned
            try demand(
                await vault.state(of: handle) == (isGone ? .shredded("2026-01-03") : rest),
                "exactly those are shredded")
            try demand(
                await (vault.wrappedKey(of: handle, for: holder) == nil) == isGone,
                "and their keys gone")
        }
        try demand(await vault.handles(of: "P-0").isEmpty, "the links are gone")
        try await refuses(.notFound, "shredding again") {
            try await vault.shred("P-0", on: "2026-01-04")
        }
        try await refuses(.conflict, "linking what is shredded") {
            try await vault.assign([SubjectLink(handles[0], to: "P-3")])
        }
        try await vault.assign([SubjectLink(handles[5], to: "P-0")])
        try demand(await vault.handles(of: "P-0") == [handles[5]], "a new link is a new one")
    }

    private func checkStock(_ vault: any KeyVault) async throws {
        let holder = VaultMaker.holder("one")
        try await vault.add(holder.holder)
        let stock = KeyStock(
            vault, origin: VaultMaker.origin, batch: 4, chance: VaultMaker.chance,
            isRecorded: { _ in true })
        let key = try await stock.draw(VaultMaker.group)
        try demand(await vault.state(of: key.handle) == .unassigned, "a drawn key is durable")
        let wrapped = try await vault.wrappedKey(of: key.handle, for: holder.holder.id)
        let box = try VaultMaker.box(key)
        guard let again = try wrapped?.unwrap(with: holder.key, origin: VaultMaker.origin) else {
            throw Broken(description: "and wrapped")
        }
        try demand(VaultMaker.opens(box, again), "its holder opens the box")
        try await vault.assign([SubjectLink(key.handle, to: "P-1")])
        try demand(await vault.counts().unassigned == 3, "three are left")
        try await stock.drop()
        try demand(await vault.counts().unassigned == 0, "none when the stock ends")
        let next = try await stock.draw(VaultMaker.group)
        try demand(next.handle != key.handle, "no key is given twice")
    }

    private func checkReplace(_ vault: any KeyVault) async throws {
        let (old, new, other) = (
            VaultMaker.holder("old"), VaultMaker.holder("new"), VaultMaker.holder("other")
        )
        for keeper in [old, other] { try await vault.add(keeper.holder) }
        let keys = (0..<3).map { _ in DataKey(VaultMaker.chance) }
        try await vault.keep(
            keys.flatMap { [VaultMaker.wrap($0, to: old), VaultMaker.wrap($0, to: other)] })
        try await vault.assign([
            SubjectLink(keys[0].handle, to: "P-1"), SubjectLink(keys[1].handle, to: "P-2"),
        ])
        let handles = try await vault.handles(wrappedTo: old.holder.id, limit: 9)
        try demand(
            Set(handles) == Set(keys.prefix(2).map(\.handle)), "those that belong to somebody")
        try demand(
            await vault.handles(wrappedTo: old.holder.id, limit: 1).count == 1,
            "not beyond the limit")
        let fresh = keys.prefix(2).map { VaultMaker.wrap($0, to: new) }
        try await refuses(.notFound, "a holder who is not there") {
            try await vault.replace(fresh, of: old.holder.id)
        }
        try await vault.add(new.holder)
        try await refuses(.conflict, "a handle that belongs to nobody") {
            try await vault.replace(
                fresh + [VaultMaker.wrap(keys[2], to: new)], of: old.holder.id)
        }
        try demand(
            await vault.wrappedKey(of: keys[0].handle, for: new.holder.id) == nil, "all or none")
        try await vault.replace(fresh, of: old.holder.id)
        for (key, wrapped) in zip(keys, fresh) {
            try demand(
                await vault.wrappedKey(of: key.handle, for: new.holder.id) == wrapped, "the new one"
            )
            try demand(
                await vault.wrappedKey(of: key.handle, for: old.holder.id) == nil, "not the old one"
            )
            try demand(
                await vault.wrappedKey(of: key.handle, for: other.holder.id) != nil, "others stay")
        }
        try demand(await vault.handles(wrappedTo: old.holder.id, limit: 9).isEmpty, "none is left")
        try await refuses(.conflict, "what was replaced already") {
            try await vault.replace(fresh, of: old.holder.id)
        }
        try demand(await vault.shred("P-1", on: "2026-01-02") == 1, "it is shredded as ever")
        try demand(
            await vault.wrappedKey(of: keys[0].handle, for: new.holder.id) == nil,
            "with its new key")
    }

    /// Many steps, beside the plainest account of what should be.
    private func checkRandom(_ vault: any KeyVault, seed: UInt64) async throws {
        let model = MemoryVault()
        var random = Seeded(seed: seed)
        let holder = VaultMaker.holder("one")
        for vault in [vault, model] as [any KeyVault] { try await vault.add(holder.holder) }
        var handles: [KeyHandle] = []
        for step in 0..<120 {
            let subject = "P-\(Int.random(in: 0..<6, using: &random))"
            let some = (0..<2).compactMap { _ in handles.randomElement(using: &random) }
            let new = (0..<2).map { _ in
                VaultMaker.wrap(DataKey(VaultMaker.chance), to: holder)
            }
            let kind = Int.random(in: 0..<8, using: &random)
            if kind < 3 { handles += new.map(\.handle) }
            var outcomes: [VaultError.Code?] = []
            for vault in [vault, model] as [any KeyVault] {
                do throws(VaultError) {
                    switch kind {
                    case 0...2: try await vault.keep(new)
                    case 3, 4: try await vault.assign(some.map { SubjectLink($0, to: subject) })
                    case 5: try await vault.discard(some.prefix(1).map { $0 })
                    case 6: _ = try await vault.shred(subject, on: "2026-01-0\(step % 9 + 1)")
                    default:
                        let hold = Hold(
                            id: subject, subject: subject, reason: "r", placed: "2026-01-01")
                        if try await vault.holds(on: subject).isEmpty {
                            try await vault.place(hold)
                        } else {
                            try await vault.release(holdWith: subject)
                        }
                    }
                    outcomes.append(nil)
                } catch {
                    outcomes.append(error.code)
                }
            }
            try demand(outcomes[0] == outcomes[1], "seed \(seed), step \(step): \(outcomes)")
        }
        for handle in handles {
            let (left, right) = try await (vault.state(of: handle), model.state(of: handle))
            try demand(left == right, "seed \(seed): \(left), not \(right)")
            let key = try await vault.wrappedKey(of: handle, for: holder.holder.id)
            try demand(
                await key == model.wrappedKey(of: handle, for: holder.holder.id), "keys too")
        }
        try demand(await vault.counts() == model.counts(), "seed \(seed): counts")
    }

    /// `count` handles, unassigned, under one new holder.
    private func fill(_ vault: any KeyVault, _ count: Int) async throws -> [KeyHandle] {
        let holder = VaultMaker.holder("one")
        try await vault.add(holder.holder)
        let keys = (0..<count).map { _ in DataKey(VaultMaker.chance) }
        try await vault.keep(keys.map { VaultMaker.wrap($0, to: holder) })
        return keys.map(\.handle)
    }
}
