import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite("The member centre: the inbox") struct CentreInboxTests {
    @Test("a message is opened by its button, once, and by nobody else; looking changes nothing")
    func reading() async throws {
        try await CentreHouse.with { house in
            let body = "The first leaves\n\nOnly for two weeks"
            let id = try await house.write("Spring <tea>", to: house.ann.person, body: body)[0]
            let (ann, bob) = (
                try await house.phone(of: house.ann.account), try await house.phone(of: house.bob.account)
            )
            #expect(try await ann.get("/m").text.contains("href=\"/m/inbox\""))
            #expect(try await ann.get("/m").text.contains("1 unread message<"))
            let list = try await ann.get("/m/inbox").text
            #expect(list.contains("Spring &lt;tea&gt;") && list.contains("The first leaves Only for two weeks"))
            // 17:01 in London is past midnight in Shanghai, whose clock the workspace goes by.
            #expect(list.contains("01:01") && list.contains(">unread<"))
            let unread = try await ann.get("/m/inbox/\(id)").text
            #expect(unread.contains("<p>Only for two weeks</p>") && unread.contains("Mark as read"))
            #expect(unread.contains("href=\"https://a.example/o/c"))
            #expect(try await house.opened() == 0)
            #expect(try await ann.get("/m").text.contains("1 unread message<"))

            let path = "/m/inbox/\(id)/reads"
            #expect(try await ann.post(path, token: "forged").status == 403)
            #expect(try await bob.get("/m/inbox/\(id)").status == 404)
            #expect(try await bob.post(path).status == 404)
            #expect(try await bob.get("/m/inbox").text.contains("There are no messages yet."))
            #expect(try await Browser(harness: house.harness).get("/m/inbox").status == 401)
            #expect(try await house.opened() == 0)

            for _ in 0..<2 { #expect(try await ann.post(path).location == "/m/inbox/\(id)") }
            #expect(try await house.opened() == 1)
            let message = try await house.harness.platform.store.read { try MessageList.get(id, $0) }
            #expect(message.openedAt == house.clock.now && message.scannedAt == nil)
            let pages = try await ann.get("/m/inbox/\(id)").text + ann.get("/m/inbox").text + ann.get("/m").text
            #expect(!pages.contains("Mark as read") && !pages.contains(">unread<"))
            #expect(!pages.contains("unread message") && pages.contains("Spring &lt;tea&gt;"))
        }
    }

    @Test("the list goes on by pages; all are marked as read as far as they were seen, which opens none")
    func marking() async throws {
        try await CentreHouse.with { house in
            let id = try await house.write("Old", to: house.ann.person)[0]
            house.clock.pass(hours: 1)
            try await house.write("News", to: house.ann.person, count: 24)
            let phone = try await house.phone(of: house.ann.account)
            let first = try await phone.get("/m/inbox").text
            #expect(first.matches(of: /\/m\/inbox\/\d+\/reads"/).count == 20 && !first.contains(">Old<"))
            #expect(first.contains("25 unread messages"))
            let next = try #require(first.firstMatch(of: /href="(\/m\/inbox\?before=[^"]+)"/)?.1)
            let second = try await phone.get(String(next).replacing("&amp;", with: "&")).text
            #expect(second.matches(of: /\/m\/inbox\/\d+\/reads"/).count == 5 && second.contains(">Old<"))
            #expect(second.contains("To the newest") && !second.contains("rel=\"next\""))

            let seen = String(try #require(first.firstMatch(of: /name="seen" value="(\d+)"/)?.1))
            house.clock.pass(hours: 1)
            try await house.write("Late", to: house.ann.person)
            #expect(try await phone.post("/m/inbox/reads").status == 422)
            #expect(try await phone.post("/m/inbox/reads", ["seen": seen], token: "forged").status == 403)
            #expect(try await phone.post("/m/inbox/reads", ["seen": seen]).location == "/m/inbox")
            let after = try await phone.get("/m/inbox").text
            #expect(after.contains("All messages are marked as read.") && after.contains("1 unread message<"))
            #expect(try await house.opened() == 0)
            // What was only marked is opened by its button all the same.
            _ = try await phone.post("/m/inbox/\(id)/reads")
            #expect(try await house.opened() == 1)
        }
    }

    @Test("a link leads to the web or within the member centre; any other is the business of the brand's own app")
    func links() async throws {
        try await CentreHouse.with { house in
            let phone = try await house.phone(of: house.ann.account)
            for (number, link) in ["/m/coupons", "/club", "javascript:alert(1)", ""].enumerated() {
                let id = try await house.write("Link \(number)", to: house.ann.person, link: link)[0]
                let text = try await phone.get("/m/inbox/\(id)").text
                #expect(text.contains("Take a look") == (number == 0), "link \(number)")
                #expect(!text.contains("javascript:") && !text.contains("/club"))
            }
        }
    }

    @Test("staff who look on open nothing; an erased member's messages are gone, and so is the way to them")
    func others() async throws {
        try await CentreHouse.with { house in
            let id = try await house.write("Spring tea", to: house.ann.person)[0]
            let preview = try await house.staff.post("/members/\(house.ann.account)/centre/preview").location
            _ = try await house.staff.get(preview)
            let list = try await house.staff.get("/m/inbox?lang=en").text
            #expect(list.contains("href=\"/m/inbox/\(id)\"") && !list.contains("/reads\""))
            let one = try await house.staff.get("/m/inbox/\(id)").text
            #expect(one.contains("Spring tea") && !one.contains("Mark as read"))
            #expect(try await house.staff.post("/m/inbox/\(id)/reads").status == 403)
            #expect(try await house.staff.post("/m/inbox/reads", ["seen": "1"]).status == 403)
            #expect(try await house.opened() == 0)

            let phone = try await house.phone(of: house.ann.account)
            try await Erasure.request(house.ann.person, by: "test", house.harness.platform)
            #expect(try await phone.get("/m/inbox/\(id)").status == 401)
            let person = house.ann.person
            let left = try await house.harness.platform.store.read {
                try InboxItem.list(person, before: nil, limit: 10, $0)
            }
            #expect(left == [])
        }
    }
}
