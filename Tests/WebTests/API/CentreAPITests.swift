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
    @Test("the settings are read and changed, not over somebody else's; keys are registered and taken away")
    func settings() async throws {
        try await CollectHarness.with { harness in
            let path = "/api/v1/member-centre/settings"
            let first = try await harness.api(.get, path)
            #expect(try first.status == 200 && first.json["on"] == false && first.json["keys"] == [])
            let seen = try #require(first.headers[.eTag])
            let wanted: JSONValue = [
                "on": true, "brand_name": "Tea House", "colour": "#2A7F62", "sections": ["points", "pool"],
                "causes": [["names": ["en": "Trees", "zh-Hans": "植树"]]], "link_hours": 48, "session_hours": 6,
            ]
            let made = try await harness.api(.put, path, wanted, headers: [.ifMatch: seen])
            #expect(try made.status == 200 && made.json["brand_name"] == "Tea House" && made.json["link_hours"] == 48)
            #expect(try made.json["sections"] == ["points", "pool"] && made.json["causes"]?.arrayValue?.count == 1)
            let late = try await harness.api(.put, path, wanted, headers: [.ifMatch: seen])
            #expect(try late.status == 412 && late.code == "changed")
            for (field, value) in [
                ("colour", "green"), ("link_hours", 0), ("sections", ["cellar"]), ("audience", ""),
            ] as [(String, JSONValue)] {
                let wrong = try await harness.api(.put, path, [field: value])
                #expect(wrong.status == 422, "\(field): \(wrong.text)")
            }
            #expect(try await harness.api(.get, path).json["colour"] == "#2a7f62")
            let secret = String(repeating: "s", count: 40)
            let key: JSONValue = ["name": "App", "algorithm": "HS256", "material": .string(secret)]
            let narrow = try await harness.key(for: [.loyaltyWrite])
            #expect(try await harness.api(.post, "/api/v1/member-centre/keys", key, secret: narrow).status == 403)
            let added = try await harness.api(.post, "/api/v1/member-centre/keys", key)
            #expect(added.status == 201 && !added.text.contains(secret))
            let short = try await harness.api(
                .post, "/api/v1/member-centre/keys", ["name": "App", "algorithm": "HS256", "material": "short"])
            #expect(short.status == 422)
            let id = try #require(try added.json["id"]?.stringValue)
            #expect(try await harness.api(.get, path).json["keys"]?[0]?["name"] == "App")
            // Changing the rest leaves the keys alone.
            #expect(try await harness.api(.put, path, wanted).json["keys"]?.arrayValue?.count == 1)
            #expect(try await harness.api(.delete, "/api/v1/member-centre/keys/\(id)").status == 200)
            #expect(try await harness.api(.delete, "/api/v1/member-centre/keys/\(id)").status == 404)
            let audited = try await harness.platform.store.read {
                try AuditLog.page(AuditLog.Filter(), before: nil, $0).entries.map(\.actor)
            }
            #expect(audited.contains { $0.hasPrefix("key:") })
        }
    }
}
