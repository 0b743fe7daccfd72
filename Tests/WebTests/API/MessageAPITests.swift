import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Messages over the API") struct MessageAPITests {
    private let content: JSONValue = [
        "variants": [
            [
                "subject": "Hi {{ person.name | default: 'you' }}",
                "blocks": [["kind": "text", "text": "Hello"], ["kind": "footer", "text": "Brand"]],
            ]
        ]
    ]

    @Test("a template is made, refused, published, previewed; a message is planned once", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            try await harness.platform.store.write {
                try PreferenceWorld.put(
                    Profile(
                        id: 7, at: CollectHarness.now, createdAt: CollectHarness.now, sourceID: 1), $0)
            }
            let made = try await harness.api(.post, "/api/v1/templates", ["name": "Hello", "content": content])
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(made.status == 201)
            let early: JSONValue = ["key": "k", "profile_id": "7", "template_id": .string(id)]
            #expect(try await harness.api(.post, "/api/v1/messages", early).code == "not_published")
            let bad: JSONValue = ["variants": [["subject": "{{ nope }}", "blocks": [["kind": "footer"]]]]]
            _ = try await harness.api(.put, "/api/v1/templates/\(id)", ["name": "Hello", "content": bad])
            let refused = try await harness.api(.post, "/api/v1/templates/\(id)/versions")
            #expect(try refused.status == 422 && refused.code == "unknown_name")
            _ = try await harness.api(.put, "/api/v1/templates/\(id)", ["name": "Hello", "content": content])
            #expect(try await harness.api(.post, "/api/v1/templates/\(id)/versions").json["version"] == 1)
            let seen = try await harness.api(.post, "/api/v1/templates/\(id)/previews", ["profile_id": "7"])
            #expect(try seen.json["subject"] == "Hi you")
            let first = try await harness.api(.post, "/api/v1/messages", early)
            let second = try await harness.api(.post, "/api/v1/messages", early)
            #expect(try first.status == 202 && first.json["id"] == second.json["id"])
            #expect(try first.json["state"] == "planned" && first.json["key"] == "api:k")
            let listed = try await harness.api(.get, "/api/v1/messages?profile_id=7")
            #expect(try listed.json["items"]?.arrayValue?.count == 1)
            let message = try #require(try first.json["id"]?.stringValue)
            #expect(try await harness.api(.post, "/api/v1/messages/\(message)/replays").code == "not_replayable")
            #expect(try await harness.api(.post, "/api/v1/bounces", ["mail": "Subject: hi"]).code == "no_report")
            #expect(try await harness.api(.get, "/api/v1/profiles/7/inbox").json["items"] == [])
        }
    }

    @Test("rules, suppressions and consents are read and changed")
    func rules() async throws {
        try await CollectHarness.with { harness in
            let policy = try await harness.api(.get, "/api/v1/message-policy").json
            #expect(policy["needs_consent"] == true && policy["quiet_from"] == 22)
            var changed = policy.objectValue ?? [:]
            changed["quiet_from"] = 23
            #expect(try await harness.api(.put, "/api/v1/message-policy", .object(changed)).json["quiet_from"] == 23)
            let entry: JSONValue = ["channel": "email", "address": "lin@example.com"]
            #expect(try await harness.api(.post, "/api/v1/suppressions", entry).status == 201)
            #expect(try await harness.api(.get, "/api/v1/suppressions").json["items"]?[0]?["reason"] == "hand")
            let gone = "/api/v1/suppressions?channel=email&address=lin%40example.com"
            #expect(try await harness.api(.delete, gone).status == 200)
            #expect(try await harness.api(.delete, gone).status == 404)
            #expect(try await harness.api(.get, "/api/v1/broadcasts").json["items"] == [])
            let draft: JSONValue = ["name": "x", "segment_id": "1", "template_id": "1"]
            #expect(try await harness.api(.post, "/api/v1/broadcasts", draft).code == "unknown_segment")
        }
    }

    @Test("the mailbox for bounces is set up, tried and read at once; its password is never shown")
    func mailbox() async throws {
        try await CollectHarness.with { harness in
            let path = "/api/v1/email/mailbox"
            let empty = try await harness.api(.get, path).json
            #expect(empty["enabled"] == false && empty["port"] == 993 && empty["last_poll_at"] == .null)
            #expect(try await harness.api(.post, path + "/trials").code == "not_set_up")
            #expect(try await harness.api(.post, path + "/polls").code == "not_set_up")
            // Nobody listens on port 1.
            let mailbox: JSONValue = [
                "enabled": true, "host": "127.0.0.1", "port": 1, "user": "bounces", "password": "secret-word",
                "after_reading": "deleted",
            ]
            let saved = try await harness.api(.put, path, mailbox)
            #expect(try saved.status == 200 && saved.json["has_password"] == true)
            #expect(try saved.json["after_reading"] == "deleted" && saved.json["folder"] == "INBOX")
            #expect(try saved.json["password"] == nil)
            let trial = try await harness.api(.post, path + "/trials").json
            #expect(trial["opened"] == false && trial["answer"] != "")
            #expect(try await harness.api(.post, path + "/polls").status == 202)
            #expect(try await harness.api(.put, path, ["folder": "退信"]).code == "bad_folder")
            #expect(try await harness.api(.put, path, ["every_minutes": 0]).status == 422)
            #expect(try await harness.api(.put, path, ["host": "imap.evil.example"]).code == "password_again")
            #expect(try await harness.api(.put, path, ["security": "none"]).code == "password_again")
            let moved: JSONValue = ["host": "127.0.0.2", "password": "secret-word"]
            #expect(try await harness.api(.put, path, moved).json["host"] == "127.0.0.2")
        }
    }

    @Test("the password of the mail server is given again for another host")
    func mailHost() async throws {
        try await CollectHarness.with { harness in
            let path = "/api/v1/email"
            let mail: JSONValue = [
                "host": "mail.example", "user": "shop", "password": "secret-word", "from_address": "hi@brand.example",
            ]
            #expect(try await harness.api(.put, path, mail).json["has_password"] == true)
            let refused = try await harness.api(.put, path, ["host": "evil.example"])
            #expect(try refused.status == 422 && refused.code == "password_again")
            #expect(try await harness.api(.get, path).json["host"] == "mail.example")
            #expect(try await harness.api(.put, path, ["port": 465, "security": "tls"]).json["has_password"] == true)
            let moved: JSONValue = ["host": "mail.other.example", "password": "another"]
            #expect(try await harness.api(.put, path, moved).json["has_password"] == true)
        }
    }
}
