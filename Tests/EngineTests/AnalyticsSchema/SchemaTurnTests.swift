import Foundation
import Storage
import TestSupport
import Testing

@testable import Engine

/// Whose turn it is to change the analytics schema.
@Suite("Turns to change the analytics schema")
struct SchemaTurnTests {
    @Test("one has it at a time, and passes it on", arguments: StoreKind.allCases)
    func exclusive(_ kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let one = SchemaTurn(store: store, effects: .live)
            let two = SchemaTurn(store: store, effects: .live)
            var taken = [try await one.take(), try await two.take(), try await one.take()]
            #expect(taken == [true, false, true], "it is renewed by who has it")
            try await two.giveBack()
            taken = [try await two.take()]
            #expect(taken == [false], "nobody gives back another's turn")
            try await one.giveBack()
            #expect(try await two.take())
        }
    }

    @Test("a process that died loses it after a while", arguments: StoreKind.allCases)
    func expiry(_ kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            var effects = Effects.live
            let dead = SchemaTurn(store: store, effects: effects)
            var taken = try await dead.take()
            #expect(taken)
            let later = Effects.live.now().milliseconds + SchemaTurn.usualLeaseMilliseconds + 60_000
            effects.now = { Timestamp(milliseconds: later) }
            let next = SchemaTurn(store: store, effects: effects)
            let answer = try await next.run { 7 }
            #expect(answer == 7)
            taken = try await SchemaTurn(store: store, effects: .live).take()
            #expect(taken, "and it is free after a run")
        }
    }
}
