import Science
import Testing

@Suite("Over-representation")
struct OverRepresentationTests {
    @Test("counts how far a part is from what chance gives, by the hypergeometric distribution")
    func far() {
        let found = OverRepresentation(having: 30, part: 100, havingOfAll: 100, people: 1_000)
        #expect(found.share == 0.3 && found.shareOfAll == 0.1)
        #expect(abs(found.lift - 3) < 1e-12)
        // (30 − 10) ÷ √(100 · 0.1 · 0.9 · 900 ÷ 999)
        #expect(abs(found.z - 7.0238) < 1e-3)
        #expect(OverRepresentation(having: 0, part: 100, havingOfAll: 100, people: 1_000).z < -3)
    }

    @Test("where chance has no room, nothing is far")
    func noRoom() {
        #expect(OverRepresentation(having: 5, part: 5, havingOfAll: 10, people: 10).z == 0)
        #expect(OverRepresentation(having: 10, part: 10, havingOfAll: 10, people: 10).lift == 1)
        #expect(OverRepresentation(having: 0, part: 0, havingOfAll: 0, people: 0).z == 0)
    }
}
