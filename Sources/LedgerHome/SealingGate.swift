/// Between those who seal, who may be many at a time, and what changes the vault beneath them,
/// which is alone: a holder who joins, keys that are destroyed.
///
/// In the order in which they come, so that neither waits for ever.
package actor SealingGate {
    private enum Kind {
        case sealing, change
    }

    private var inside = 0
    private var isAlone = false
    private var waiting: [(kind: Kind, turn: CheckedContinuation<Void, Never>)] = []

    package init() {}

    /// Those who wait for their turn.
    package var waitingCount: Int { waiting.count }

    package func enter() async {
        guard isAlone || !waiting.isEmpty else {
            inside += 1
            return
        }
        await withCheckedContinuation { waiting.append((.sealing, $0)) }
    }

    package func enterAlone() async {
        guard isAlone || inside > 0 || !waiting.isEmpty else {
            isAlone = true
            return
        }
        await withCheckedContinuation { waiting.append((.change, $0)) }
    }

    /// Whoever entered, in either way, leaves once.
    package func leave() {
        if isAlone { isAlone = false } else { inside -= 1 }
        while let next = waiting.first {
            switch next.kind {
            case .sealing where !isAlone: inside += 1
            case .change where inside == 0 && !isAlone: isAlone = true
            default: return
            }
            waiting.removeFirst()
            next.turn.resume()
        }
    }
}
