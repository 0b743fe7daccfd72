import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("What a broadcast was worth, on its page") struct ReachPanelTests {
    @Test("people who could not be written to are called reached nowhere, and the panel tells how many could")
    func audience() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let now = harness.platform.effects.now().milliseconds
                try await harness.platform.store.write { connection in
                    try connection.execute(
                        """
                        INSERT INTO broadcasts (id, name, segment_id, template_id, status, starts_ms, per_minute,
                            holdout_permille, salt, created_ms, created_by, updated_ms, started_ms)
                        VALUES (77, 'News', 1, 1, 'finished', \(now), 0, 250, 's', \(now), 't', \(now), \(now))
                        """)
                    try connection.execute(
                        """
                        INSERT INTO message_totals (origin, origin_id, figure, messages)
                        VALUES ('broadcast', 77, 'planned', 53), ('broadcast', 77, 'eligible', 4),
                            ('broadcast', 77, 'sent', 4)
                        """)
                }
                let browser = try await harness.signedIn(as: .admin)
                let panel = try await browser.get("/broadcasts/77/effect")
                #expect(panel.status == 200)
                #expect(panel.text.contains("Of 53 planned messages 4 could be sent and 4 were."))
                #expect(!panel.text.contains("Reached"))
            }
        }
    }
}
