/// What an official account tells: people come, leave, scan, tap the menu, write; template messages arrived or did not.
struct WeChatEvents: Sendable {
    let appID: String
    let now: Timestamp

    struct News: Sendable {
        var received = ReceivedNews(contentType: "text/plain", answer: "success")
        /// The OpenID of whoever did it.
        var person = ""
        /// OpenIDs of people who take messages again.
        var returned: [String] = []
    }

    static let followed = "WeChat Followed"
    static let unfollowed = "WeChat Unfollowed"
    static let scanned = "WeChat Code Scanned"
    static let menuUsed = "WeChat Menu Used"
    static let wrote = "WeChat Message Received"
    static let located = "WeChat Location Reported"
    static let answered = "WeChat Subscription Answered"

    /// Until 2096: anything else is no time.
    private static let seconds: ClosedRange<Int64> = 0...4_000_000_000

    /// Throws: `ProviderError.unreadable`.
    func read(_ xml: WeChatXML) throws -> News {
        guard let person = xml["FromUserName"], !person.isEmpty, let kind = xml["MsgType"],
            let seconds = xml["CreateTime"].flatMap({ Int64($0) }), Self.seconds.contains(seconds)
        else { throw ProviderError.unreadable }
        let at = min(Timestamp(seconds: seconds), now)
        var news = News()
        news.person = person
        guard kind == "event" else {
            write(xml, kind, person, at, &news)
            return news
        }
        let word = xml["Event"] ?? ""
        switch word {
        case "subscribe":
            news.returned = [person]
            news.received.events = [
                event(
                    Self.followed, xml, person, at, ["scene": scene(xml["EventKey"]), "ticket": xml["Ticket"]],
                    consents: true)
            ]
        case "unsubscribe":
            news.received.events = [event(Self.unfollowed, xml, person, at, [:], consents: false)]
        case "SCAN":
            news.received.events = [
                event(Self.scanned, xml, person, at, ["scene": xml["EventKey"], "ticket": xml["Ticket"]])
            ]
        case "LOCATION":
            let place: [String: String?] = [
                "latitude": xml["Latitude"], "longitude": xml["Longitude"], "precision": xml["Precision"],
            ]
            news.received.events = [event(Self.located, xml, person, at, place)]
        case "TEMPLATESENDJOBFINISH": news.received.receipts = receipts(xml)
        case "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event":
            subscriptions(xml, word, person, at, &news)
        default:
            // CLICK, VIEW, view_miniprogram, scancode_push, scancode_waitmsg, pic_…, location_select
            guard xml["EventKey"] != nil else { break }
            let more: [String: String?] = [
                "action": word.lowercased(), "key": xml["EventKey"], "menu_id": xml["MenuId"],
                "result": xml.child("ScanCodeInfo")?["ScanResult"],
            ]
            news.received.events = [event(Self.menuUsed, xml, person, at, more)]
        }
        return news
    }

    /// `qrscene_` stands before it when somebody came by a code.
    private func scene(_ key: String?) -> String? {
        guard let key, !key.isEmpty else { return nil }
        return key.hasPrefix("qrscene_") ? String(key.dropFirst(8)) : key
    }

    private func write(_ xml: WeChatXML, _ kind: String, _ person: String, _ at: Timestamp, _ news: inout News) {
        let text = xml["Content"] ?? xml["Recognition"] ?? ""
        let more: [String: String?] = [
            "type": kind, "text": text.isEmpty ? nil : text, "media_id": xml["MediaId"], "title": xml["Title"],
            "url": xml["Url"] ?? xml["PicUrl"], "label": xml["Label"],
        ]
        news.received.events = [event(Self.wrote, xml, person, at, more)]
        guard kind == "text", let id = xml["MsgId"] else { return }
        news.received.replies = [
            ProviderReply(
                provider: WeChatOfficialAccount.providerName, channel: WeChatOfficialAccount.channelName,
                providerID: id, sender: IdentityKey(kind: IdentityKind.wechatOpenID, value: "\(appID):\(person)"),
                text: text, at: at)
        ]
    }

    private func receipts(_ xml: WeChatXML) -> [ProviderReceipt] {
        guard let id = xml["MsgID"] ?? xml["MsgId"] else { return [] }
        let status = (xml["Status"] ?? "").replacing(": ", with: ":")
        let isGood = status == "success"
        return [
            ProviderReceipt(
                provider: WeChatOfficialAccount.providerName, providerID: id, word: isGood ? .delivered : .failed,
                code: isGood ? "" : status, detail: isGood ? "" : status)
        ]
    }

    private func subscriptions(
        _ xml: WeChatXML, _ word: String, _ person: String, _ at: Timestamp, _ news: inout News
    ) {
        let lists = xml.children.filter { $0.name.hasPrefix("SubscribeMsg") }.flatMap(\.children)
        for (place, one) in lists.enumerated() where one.name == "List" {
            let status = one["SubscribeStatusString"] ?? one["ErrorStatus"]
            if word == "subscribe_msg_popup_event", status == "accept" { news.returned = [person] }
            let more: [String: String?] = [
                "template": one["TemplateId"], "status": status, "code": one["ErrorCode"],
                "occasion": word.replacing("subscribe_msg_", with: "").replacing("_event", with: ""),
            ]
            let told = [one["TemplateId"], one["MsgID"] ?? one["MsgId"]]
            news.received.events.append(event(Self.answered, xml, person, at, more, place: place, also: told))
            if word == "subscribe_msg_sent_event", let receipt = sentReceipt(one, person, at) {
                news.received.receipts.append(receipt)
            }
        }
    }

    /// What became of a subscription message. Its id is told here for the first time (the answer to the call has none), so
    /// that the message is found by the person, the template and the time.
    private func sentReceipt(_ one: WeChatXML, _ person: String, _ at: Timestamp) -> ProviderReceipt? {
        guard let id = one["MsgID"] ?? one["MsgId"], !id.isEmpty, let template = one["TemplateId"], !template.isEmpty
        else { return nil }
        let (code, status) = (one["ErrorCode"] ?? "", one["ErrorStatus"] ?? "")
        let isGood = code == "0" || code.isEmpty && status == "success"
        return ProviderReceipt(
            provider: WeChatOfficialAccount.providerName, providerID: id, word: isGood ? .delivered : .failed,
            code: isGood ? "" : code, detail: isGood ? "" : status,
            trace: ProviderTrace(address: person, template: template, at: at))
    }

    /// Into the log under the OpenID, and the UnionID where it is told. `consents`: what it says of being written to.
    private func event(
        _ name: String, _ xml: WeChatXML, _ person: String, _ at: Timestamp, _ more: [String: String?],
        consents: Bool? = nil, place: Int = 0, also: [String?] = []
    ) -> IncomingEvent {
        var identities = [IdentityClaim(kind: IdentityKind.wechatOpenID, value: "\(appID):\(person)")]
        if let union = xml["UnionID"] ?? xml["UnionId"] ?? xml["unionid"], !union.isEmpty {
            identities.append(IdentityClaim(kind: IdentityKind.wechatUnionID, value: union))
        }
        // WeChat tells a message again that was not answered in time: by its id, or for events by who and when.
        let told = [person, xml["CreateTime"], xml["Event"], xml["EventKey"], String(place)] + also
        let id = xml["MsgId"] ?? told.map { $0 ?? "" }.joined(separator: " ")
        var properties: [String: JSONValue] = ["app_id": .string(appID)]
        for (key, value) in more {
            if let value { properties[key] = .string(value) }
        }
        return IncomingEvent(
            kind: .track, name: name,
            messageID: "wechat:" + Digest.sha256(Array("\(appID) \(name) \(id)".utf8)).prefix(40),
            identities: identities, time: at, receivedAt: now, properties: JSONValue.object(properties).text(),
            traits: consents.map { "{\"wechat_consent\":\($0)}" } ?? "{}")
    }
}
