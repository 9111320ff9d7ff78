extension World {
    /// Something is submitted while something fails.
    func submitWithFault() async throws {
        let isBelow = place.hasFaultsBelow && maker.chance(60)
        let armed =
            isBelow ? Armed.below(drawBelow()) : .above(maker.pick(SteeredStore.Fault.allCases))
        trace.count("fault \(World.name(of: armed))")
        try await submitSome(armed)
    }

    private func drawBelow() -> FaultBelow {
        switch maker.number(0...6) {
        case 0: .write(done: maker.chance(50) ? 0 : maker.number(1...6_000))
        case 1, 2: .writeAndCut(done: maker.number(0...6_000))
        case 3, 4: .sync
        case 5: .rename(isDone: maker.chance(50))
        default: .index
        }
    }

    func arm(_ armed: Armed) async {
        switch armed {
        case .above(let fault): await session?.store.arm(fault)
        case .below(let fault): place.arm(fault)
        }
    }

    func disarm() async {
        _ = await session?.store.disarm()
        place.disarm()
    }

    /// What a fault does to the records from `before` on, which are about to be committed; the code
    /// that their producers get, nil if they get their receipts.
    func suffer(_ armed: Armed, from before: Int, _ published: Int) throws -> String? {
        switch armed {
        case .above(.beforeCommit):
            lose(to: before, published)
            stopCode = "unknown"
        case .above(.afterCommit):
            model.published = published
            stopCode = "unknown"
        case .above(.beforePublish): model.published = published
        case .above: break
        case .below(let fault): return try suffer(fault, from: before, published)
        }
        return "unknown"
    }

    /// What a fault does where only repeats are answered; nil if it does not strike.
    func sufferUnchanged(_ armed: Armed, _ published: Int) -> String? {
        let isCovered = published == model.records.count
        switch armed {
        case .above(.checkpoint):
            model.published = published
            return "unavailable"
        // A checkpoint is published if the newest one does not cover all.
        case .above(.beforePublish) where !isCovered,
            .below(.rename(isDone: false)) where !isCovered:
            model.published = published
            return "unknown"
        case .above(.afterPublish) where !isCovered, .below(.rename(isDone: true)) where !isCovered:
            return "unknown"
        default: return nil
        }
    }

    private func suffer(
        _ fault: FaultBelow, from before: Int, _ published: Int
    ) throws -> String? {
        let byteCount = (before..<model.records.count).reduce(0) { $0 + model.byteCount($1) }
        switch fault {
        case .write:
            lose(to: before, published)
            return "unavailable"
        case .writeAndCut(let done):
            lose(to: model.kept(from: before, bytes: min(done, byteCount - 1)), published)
        case .sync:
            if try place.wouldRoll(byteCount) {
                // It is the new segment that cannot be synced; it is taken away again.
                lose(to: before, published)
                return "unavailable"
            }
            drawLoss(byteCount)
            lose(to: kept(from: before), published)
        case .rename(let isDone):
            if !isDone { model.published = published }
            return "unknown"
        case .index:
            stopCode = "unavailable"
            return nil
        }
        stopCode = "unknown"
        return "unknown"
    }

    private func lose(to count: Int, _ published: Int) {
        model.cut(to: count)
        model.published = published
    }

    /// What the disk has of bytes that it could not sync.
    private func drawLoss(_ byteCount: Int) {
        unsureBytes = byteCount
        let kept = maker.number(0...byteCount)
        switch maker.number(0...2) {
        case 0: loss = .nothing
        case 1: loss = .cut(kept: kept)
        default:
            let least = min(kept, byteCount - 1)
            loss = .hole(kept: least, count: maker.number(1...byteCount - least))
        }
    }

    private func kept(from before: Int) -> Int {
        switch loss {
        case .nothing: model.records.count
        case .cut(let kept), .hole(let kept, _): model.kept(from: before, bytes: kept)
        }
    }

    private static func name(of armed: Armed) -> String {
        switch armed {
        case .above(let fault): fault.rawValue
        case .below(.write): "write"
        case .below(.writeAndCut): "write and cut"
        case .below(.sync): "sync"
        case .below(.rename(let isDone)): isDone ? "after rename" : "before rename"
        case .below(.index): "index"
        }
    }
}
