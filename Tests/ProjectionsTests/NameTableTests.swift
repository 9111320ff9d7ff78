import Projections
import TestKit
import Testing

@Suite struct NameTableTests {
    @Test func `names have the places in which they came, as in a dictionary`() {
        let seed = UInt64.random(in: 0...999_999)
        var random = Seeded(seed: seed)
        var (table, known, order) = (NameTable(), [String: Int](), [String]())
        for _ in 0..<20_000 {
            let name = "案件/\(UInt32.random(in: 0..<8_000, using: &random))"
            let (place, isNew) = table.insert(name)
            #expect(isNew == (known[name] == nil), "seed \(seed)")
            if isNew {
                known[name] = order.count
                order.append(name)
            }
            #expect(place == known[name], "seed \(seed)")
        }
        #expect(Array(table) == order, "seed \(seed)")
        for number in 0..<8_000 {
            let name = "案件/\(number)"
            #expect(table.place(of: name) == known[name], "seed \(seed)")
        }
        #expect(table.place(of: "") == nil)
    }

    @Test func `an empty name is one too`() {
        var table = NameTable()
        #expect(table.insert("") == (0, true) && table.insert("") == (0, false))
        #expect(table.insert("a") == (1, true))
        #expect(table.place(of: "") == 0 && Array(table) == ["", "a"])
    }
}
