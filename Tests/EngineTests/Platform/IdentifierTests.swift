import Testing

@testable import Engine

@Suite("Identifiers")
struct IdentifierTests {
    @Test("many at once are all different and rise")
    func bulk() async {
        let parts = await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<4 { group.addTask { (0..<50_000).map { _ in Effects.live.newID() } } }
            return await group.reduce(into: [[Int64]]()) { $0.append($1) }
        }
        #expect(Set(parts.joined()).count == 200_000)
        #expect(parts.allSatisfy { part in zip(part, part.dropFirst()).allSatisfy { $0 < $1 } })
    }
}
