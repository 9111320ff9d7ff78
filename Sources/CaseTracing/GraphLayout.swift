/// Places cards in layers from left to right, and leads edges between them.
///
/// After Sugiyama, Tagawa and Toda (1981): layers by the longest way, a place of its own for an
/// edge in each layer that it crosses, an order with few crossings by barycentres, then heights
/// that pull what hangs together level. Nothing is left to chance: the same graph gives the same
/// picture.
struct GraphLayout {
    struct Size: Sendable {
        let width: Double
        let height: Double
    }

    /// From an earlier card to a later one, each end so far below the top of its card.
    struct Edge {
        let from: Int
        let to: Int
        let fromOffset: Double
        let toOffset: Double
    }

    struct Point: Hashable {
        var x: Double
        var y: Double
    }

    /// The top left corner of each card.
    private(set) var places: [Point] = []
    /// Of each edge, the points that it leads through, from right side to left side in turn.
    private(set) var ways: [[Point]] = []
    private(set) var width = 0.0
    private(set) var height = 0.0

    static let gap = 190.0
    private static let spacing = 26.0
    private static let laneHeight = 18.0
    /// So much more room than is needed is left between two items.
    private static let looseness = 60.0
    private static let sweeps = 12

    /// A card, or the place of an edge in a layer that it crosses.
    private struct Item {
        let layer: Int
        let height: Double
        var order = 0.0
        var y = 0.0
    }

    /// A piece of an edge between neighbouring layers, by items.
    private struct Piece {
        let from: Int
        let to: Int
        let fromOffset: Double
        let toOffset: Double
    }

    private var items: [Item] = []
    private var pieces: [Piece] = []
    private var layers: [[Int]] = []

    /// `edges` lead from lower numbers to higher ones.
    init(_ sizes: [Size], _ edges: [Edge]) {
        let depths = GraphLayout.depths(sizes.count, edges)
        items = zip(sizes, depths).map { Item(layer: $1, height: $0.height) }
        let chains = edges.map { addChain($0) }
        layers = Array(repeating: [], count: (depths.max() ?? -1) + 1)
        for item in items.indices { layers[items[item].layer].append(item) }
        order()
        level()
        let columns = columns(sizes)
        places = sizes.indices.map { Point(x: columns[items[$0].layer].x, y: items[$0].y) }
        ways = zip(edges, chains).map { edge, chain in way(edge, chain, sizes, columns) }
        width = columns.last.map { $0.x + $0.width } ?? 0
        height = items.map { $0.y + $0.height }.max() ?? 0
    }

    private static func depths(_ count: Int, _ edges: [Edge]) -> [Int] {
        var depths = Array(repeating: 0, count: count)
        for edge in edges.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
            depths[edge.to] = max(depths[edge.to], depths[edge.from] + 1)
        }
        return depths
    }

    /// Gives an edge an item in each layer that it crosses.
    private mutating func addChain(_ edge: Edge) -> [Int] {
        var chain = [edge.from]
        let (first, last) = (items[edge.from].layer, items[edge.to].layer)
        for layer in (first + 1)..<max(first + 1, last) {
            chain.append(items.count)
            items.append(Item(layer: layer, height: GraphLayout.laneHeight))
        }
        chain.append(edge.to)
        let middle = GraphLayout.laneHeight / 2
        for (place, pair) in zip(chain, chain.dropFirst()).enumerated() {
            pieces.append(
                Piece(
                    from: pair.0, to: pair.1, fromOffset: place == 0 ? edge.fromOffset : middle,
                    toOffset: place == chain.count - 2 ? edge.toOffset : middle))
        }
        return chain
    }

    // MARK: - Order

    private mutating func order() {
        for layer in layers {
            for (place, item) in layer.enumerated() { items[item].order = Double(place) }
        }
        for sweep in 0..<GraphLayout.sweeps {
            let isRight = sweep.isMultiple(of: 2)
            let sequence = isRight ? Array(layers.indices) : layers.indices.reversed()
            for layer in sequence { sort(layer, byEarlier: isRight) }
        }
    }

    private mutating func sort(_ layer: Int, byEarlier isEarlier: Bool) {
        var centres: [Int: Double] = [:]
        for item in layers[layer] {
            let others = pieces.compactMap { piece -> Double? in
                if isEarlier { return piece.to == item ? items[piece.from].order : nil }
                return piece.from == item ? items[piece.to].order : nil
            }
            centres[item] =
                others.isEmpty
                ? items[item].order : others.reduce(0, +) / Double(others.count)
        }
        layers[layer].sort { (centres[$0] ?? 0, $0) < (centres[$1] ?? 0, $1) }
        for (place, item) in layers[layer].enumerated() { items[item].order = Double(place) }
    }

    // MARK: - Heights

    private mutating func level() {
        for layer in layers { stack(layer) { _ in 0 } }
        for sweep in 0..<GraphLayout.sweeps {
            let isRight = sweep.isMultiple(of: 2)
            let sequence = isRight ? Array(layers.indices) : layers.indices.reversed()
            for layer in sequence {
                let wishes = wishes(of: layer, byEarlier: isRight)
                stack(layers[layer]) { wishes[$0] ?? 0 }
            }
        }
        let top = items.map(\.y).min() ?? 0
        for item in items.indices { items[item].y -= top }
    }

    /// Where each item would lie level with what it hangs together with.
    private func wishes(of layer: Int, byEarlier isEarlier: Bool) -> [Int: Double] {
        var wishes: [Int: Double] = [:]
        for item in layers[layer] {
            let levels = pieces.compactMap { piece -> Double? in
                if isEarlier, piece.to == item {
                    return items[piece.from].y + piece.fromOffset - piece.toOffset
                }
                if !isEarlier, piece.from == item {
                    return items[piece.to].y + piece.toOffset - piece.fromOffset
                }
                return nil
            }
            wishes[item] =
                levels.isEmpty ? items[item].y : levels.reduce(0, +) / Double(levels.count)
        }
        return wishes
    }

    /// Puts the items of a layer below each other, as near as can be to where they wish to be.
    private mutating func stack(_ layer: [Int], _ wish: (Int) -> Double) {
        var next = layer.first.map(wish) ?? 0
        for item in layer {
            // Level is good, and a picture that fits a page is better.
            items[item].y = min(max(wish(item), next), next + GraphLayout.looseness)
            next = items[item].y + items[item].height + GraphLayout.spacing
        }
        guard !layer.isEmpty else { return }
        let shift = layer.reduce(0) { $0 + wish($1) - items[$1].y } / Double(layer.count)
        for item in layer { items[item].y += shift }
    }

    // MARK: - Places

    private func columns(_ sizes: [Size]) -> [(x: Double, width: Double)] {
        var x = 0.0
        return layers.map { layer in
            let width = layer.filter { $0 < sizes.count }.map { sizes[$0].width }.max() ?? 0
            defer { x += width + GraphLayout.gap }
            return (x, width)
        }
    }

    private func way(
        _ edge: Edge, _ chain: [Int], _ sizes: [Size], _ columns: [(x: Double, width: Double)]
    ) -> [Point] {
        let from = columns[items[edge.from].layer].x + sizes[edge.from].width
        var points = [Point(x: from, y: items[edge.from].y + edge.fromOffset)]
        for item in chain.dropFirst().dropLast() {
            let column = columns[items[item].layer]
            let y = items[item].y + GraphLayout.laneHeight / 2
            points += [Point(x: column.x, y: y), Point(x: column.x + column.width, y: y)]
        }
        let to = columns[items[edge.to].layer].x
        return points + [Point(x: to, y: items[edge.to].y + edge.toOffset)]
    }
}
