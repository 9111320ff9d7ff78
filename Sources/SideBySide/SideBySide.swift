/// Does something with each, side by side; the results stand in the order of the elements.
///
/// `share` elements at a time are one task's: many where each takes less than a task costs.
package func sideBySide<Element: Sendable, Value: Sendable>(
    _ elements: [Element], share: Int = 1, _ body: @escaping @Sendable (Element) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (start: Int, values: [Value]).self) { group in
        for start in stride(from: 0, to: elements.count, by: share) {
            let part = elements[start..<min(start + share, elements.count)]
            group.addTask {
                var values: [Value] = []
                values.reserveCapacity(part.count)
                for element in part { values.append(await body(element)) }
                return (start, values)
            }
        }
        var parts: [(start: Int, values: [Value])] = []
        for await part in group { parts.append(part) }
        return parts.sorted { $0.start < $1.start }.flatMap(\.values)
    }
}
