import Synchronization

/// Things that are costly to make and serve one task at a time.
final class Pool<Element: Sendable>: Sendable {
    private let idle = Mutex<[Element]>([])
    private let idleMax: Int
    private let make: @Sendable () -> Element

    init(idleMax: Int, _ make: @escaping @Sendable () -> Element) {
        (self.idleMax, self.make) = (idleMax, make)
    }

    func take() -> Element {
        idle.withLock { $0.popLast() } ?? make()
    }

    func give(_ element: Element) {
        idle.withLock { if $0.count < idleMax { $0.append(element) } }
    }
}
