import Records

/// Cases of which something is still to come, the earliest first.
struct EventHeap<Element> {
    private struct Node {
        let moment: Timestamp
        let number: Int
        let element: Element

        func precedes(_ other: Node) -> Bool {
            (moment, number) < (other.moment, other.number)
        }
    }

    private var nodes: [Node] = []

    /// When the earliest is; nil if there is none.
    var first: Timestamp? { nodes.first?.moment }
    var count: Int { nodes.count }

    /// Of equal moments the smaller number comes first.
    mutating func push(_ element: Element, at moment: Timestamp, _ number: Int) {
        nodes.append(Node(moment: moment, number: number, element: element))
        var place = nodes.count - 1
        while place > 0, nodes[place].precedes(nodes[(place - 1) / 2]) {
            nodes.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func pop() -> (element: Element, number: Int)? {
        guard let last = nodes.indices.last else { return nil }
        nodes.swapAt(0, last)
        let first = nodes.removeLast()
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < nodes.count }
            guard let child = children.min(by: { nodes[$0].precedes(nodes[$1]) }),
                nodes[child].precedes(nodes[place])
            else { break }
            nodes.swapAt(place, child)
            place = child
        }
        return (first.element, first.number)
    }
}
