import Engine
import Storage
import Testing

@testable import Web

@Suite("Links to the member centre over the API") struct CentreAPITests {
    @Test("a link is made, listed without its address, and taken back", arguments: [true, false])
    func links(isOnce: Bool) async throws {
        try await CollectHarness.with { harness in
            let ann = try await PointsAPITests.member(harness, "ann")
            let path = "/api/v1/members/\(ann)/centre-links"
            let early = try await harness.api(.post, path, [:])
            #expect(try early.status == 409 && early.code == "member_centre_off")
            try await harness.platform.store.write { connection in
                var settings = CentreSettings()
                settings.isOn = true
                _ = try settings.save(seen: nil, by: "test", connection, at: CollectHarness.now)
            }
            let made = try await harness.api(.post, path, ["once": .bool(isOnce), "hours": 2])
            #expect(try made.status == 201 && made.json["once"] == .bool(isOnce) && made.json["living"] == true)
            #expect(try made.json["path"]?.stringValue?.hasPrefix("/m/l/") == true)
            let listed = try await harness.api(.get, path)
            #expect(try listed.json["items"]?.arrayValue?.count == 1 && !listed.text.contains("/m/l/"))
            let id = try #require(try made.json["id"]?.stringValue)
            let bob = try await PointsAPITests.member(harness, "bob")
            let others = try await harness.api(.post, "/api/v1/members/\(bob)/centre-links/\(id)/revocation")
            #expect(others.status == 404)
            let revoked = try await harness.api(.post, path + "/\(id)/revocation")
            #expect(try revoked.json["living"] == false && revoked.json["revoked_at"]?.stringValue != nil)
            #expect(try await harness.api(.post, path, ["hours": 0]).status == 422)
            #expect(try await harness.api(.post, "/api/v1/members/1/centre-links", [:]).status == 404)
        }
    }
}
