import LedgerHome
import Synchronization
import Testing

/// Who seals does so beside others; what changes the vault is alone, and each in its turn.
@Suite struct SealingGateTests {
    private final class Diary: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Begins to wait, and returns when it does.
    private func waiter(
        _ gate: SealingGate, _ diary: Diary, _ name: String, alone: Bool
    ) async -> Task<Void, Never> {
        let before = await gate.waitingCount
        let task = Task {
            if alone { await gate.enterAlone() } else { await gate.enter() }
            diary.note(name)
        }
        while await gate.waitingCount == before { await Task.yield() }
        return task
    }

    @Test func `a change waits for those within, and who comes later waits for it`() async {
        let (gate, diary) = (SealingGate(), Diary())
        await gate.enter()
        await gate.enter()
        let change = await waiter(gate, diary, "change", alone: true)
        let later = await waiter(gate, diary, "later", alone: false)
        let last = await waiter(gate, diary, "last", alone: true)
        await gate.leave()
        #expect(diary.all.isEmpty)
        await gate.leave()
        await change.value
        #expect(diary.all == ["change"])
        #expect(await gate.waitingCount == 2)
        await gate.leave()
        await later.value
        #expect(diary.all == ["change", "later"])
        await gate.leave()
        await last.value
        #expect(diary.all == ["change", "later", "last"])
        await gate.leave()
        // Nobody is within: the next one passes.
        await gate.enterAlone()
        await gate.leave()
    }
}
