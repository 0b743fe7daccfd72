import Foundation
import Storage

/// WhatsApp, by Meta's Cloud API.
///
/// A message is an approved template with its values, or words of ours within a day after the person wrote. Statuses and
/// replies come signed with the app's secret (`X-Hub-Signature-256`) and carry our own id (`biz_opaque_callback_data`), so
/// that a message of which nobody knew is found again.
package struct WhatsAppCloud: MessageProvider {
    package let name = "whatsapp_cloud"
    package let channel = WhatsAppCloud.channelName
    package let baseURL = "https://graph.facebook.com"
    package let perSecond: Int64 = 80
    package let templateUse = ProviderTemplateUse.optional
    package let submits = true
    package let needsExamples = true
    package let templateCategories = WhatsAppDraft.categories.keys.sorted()
    package let fields = [
        ProviderField("phone_number_id"), ProviderField("business_account_id"),
        ProviderField("access_token", .secret), ProviderField("app_secret", .secret),
        ProviderField("graph_version", initial: "v23.0"),
    ]

    static let channelName = "whatsapp"
    /// One message in six seconds to one person (131056).
    private static let perPersonMilliseconds: Int64 = 6_000

    package init() {}

    package static func channel(_ catalog: ProviderCatalog) -> ProviderChannel {
        ProviderChannel(channelName, perPersonMilliseconds: perPersonMilliseconds, catalog) { person, _ in
            person.phones.first
        }
    }

    package let faults: [ProviderFault] = [
        ProviderFault("130429", .retry(.minutes(1))), ProviderFault("80007", .retry(.minutes(5))),
        ProviderFault("131056", .retry(.minutes(1))), ProviderFault("131049", .retry(.hours(24))),
        ProviderFault("4", .retry(.minutes(5))), ProviderFault("2", .retry()), ProviderFault("131016", .retry()),
        ProviderFault("133004", .retry()), ProviderFault("131000", .retry()),
        ProviderFault("131050", .suppress("opted_out")), ProviderFault("131026", .suppressRepeated),
        ProviderFault("131031", .pause(.account)), ProviderFault("131042", .pause(.account)),
        ProviderFault("368", .pause(.account)), ProviderFault("131048", .pause(.account)),
        ProviderFault("190", .pause(.account)), ProviderFault("0", .pause(.account)),
        ProviderFault("10", .pause(.account)),
        ProviderFault("131005", .pause(.account)), ProviderFault("131037", .pause(.account)),
        ProviderFault("133010", .pause(.account)), ProviderFault("132001", .pause(.template)),
        ProviderFault("132007", .pause(.template)), ProviderFault("132015", .pause(.template)),
        ProviderFault("132016", .pause(.template)), ProviderFault("131047", .refuse("window_closed")),
    ]

    package func address(_ text: String, country: String) -> String? {
        PhoneNumber.normalise(text, defaultCountry: country)
    }

    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        var body: [String: JSONValue] = [
            "messaging_product": "whatsapp", "recipient_type": "individual",
            "to": .string(String(message.address.dropFirst())),
            "biz_opaque_callback_data": .string(String(message.id)),
        ]
        if let content = message.content, !content.code.isEmpty {
            body["type"] = "template"
            body["template"] = [
                "name": .string(content.code), "language": ["code": .string(content.language)],
                "components": .array(WhatsAppComponents(content.parameters).json),
            ]
        } else {
            body["type"] = "text"
            body["text"] = ["preview_url": true, "body": .string(message.text)]
        }
        let answer = await line.send(
            ProviderCall(
                "POST", url(line, "\(line.account["phone_number_id"])/messages"), headers: authorization(line),
                json: .object(body)))
        if let id = answer.json?["messages"]?[0]?["id"]?.stringValue { return .sent(providerID: id) }
        guard let error = answer.json?["error"], let code = error["code"]?.intValue else { return answer.outcome() }
        if answer.status >= 500, faults.meaning(of: String(code)) == nil { return .unknown(detail: answer.words) }
        return faults.outcome(of: String(code), detail: Self.words(error), at: line.now)
    }

    private static func words(_ error: JSONValue) -> String {
        let code = error["code"]?.intValue.map { String($0) }
        let told = error["title"]?.stringValue ?? error["message"]?.stringValue
        // The details are often the title's or the message's own words.
        let details = error["error_data"]?["details"]?.stringValue
        let isNew = details.map { told?.hasSuffix($0) != true } ?? false
        return [code, told, isNew ? details : nil].compactMap { $0 }.joined(separator: " ")
    }

    private func url(_ line: ProviderLine, _ path: String) -> String {
        "\(line.account.baseURL)/\(line.account["graph_version"])/\(path)"
    }

    private func authorization(_ line: ProviderLine) -> [ProviderCall.Header] {
        [ProviderCall.Header("Authorization", "Bearer \(line.account["access_token"])")]
    }

    private func asked(_ path: String, _ line: ProviderLine) async throws -> JSONValue {
        let answer = await line.send(ProviderCall("GET", url(line, path), headers: authorization(line)))
        guard let json = answer.json, answer.status == 200 else { throw Self.refusal(answer) }
        return json
    }

    /// What is meant for people to read comes first.
    private static func refusal(_ answer: ProviderAnswer) -> ProviderError {
        guard let error = answer.json?["error"] else { return answer.refusal }
        let words = error["error_user_msg"]?.stringValue ?? error["message"]?.stringValue
        return ProviderError.refused(
            code: error["code"]?.intValue.map { String($0) } ?? "", words ?? answer.words)
    }

    // MARK: The account

    package func check(_ line: ProviderLine) async throws -> ProviderCheck {
        let fields = "display_phone_number,verified_name,quality_rating,messaging_limit_tier,throughput"
        let found = try await asked("\(line.account["phone_number_id"])?fields=\(fields)", line)
        let facts: [(String, JSONValue?)] = [
            ("number", found["display_phone_number"]), ("verified_name", found["verified_name"]),
            ("quality", found["quality_rating"]), ("limit", found["messaging_limit_tier"]),
            ("throughput", found["throughput"]?["level"]),
        ]
        return ProviderCheck(
            facts.compactMap { key, value in value?.stringValue.map { ProviderCheck.Fact(key, $0) } })
    }

    package func approved(_ line: ProviderLine) async throws -> [ApprovedTemplate] {
        let fields = "name,language,status,category,components,rejected_reason"
        var (found, after): ([ApprovedTemplate], String?) = ([], "")
        for _ in 0..<ProviderLimits.templatePages {
            guard let place = after, found.count < ProviderLimits.templates else { break }
            let more = place.isEmpty ? "" : "&after=\(OutgoingRequest.encoded(place))"
            let page = try await asked(
                "\(line.account["business_account_id"])/message_templates?limit=100&fields=\(fields)\(more)", line)
            found += (page["data"]?.arrayValue ?? []).compactMap(WhatsAppComponents.template)
            after =
                page["paging"]?["next"]?.stringValue == nil ? nil : page["paging"]?["cursors"]?["after"]?.stringValue
        }
        return found
    }

    package func submit(_ draft: ProviderTemplateDraft, _ line: ProviderLine) async throws {
        let body = try WhatsAppDraft(draft).json
        let answer = await line.send(
            ProviderCall(
                "POST", url(line, "\(line.account["business_account_id"])/message_templates"),
                headers: authorization(line), json: body))
        guard answer.status == 200, answer.json?["id"] != nil else { throw Self.refusal(answer) }
    }

    // MARK: What it tells

    package func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews {
        if call.method == "GET" {
            guard call.query["hub.mode"] == "subscribe", let challenge = call.query["hub.challenge"],
                Digest.equal(call.query["hub.verify_token"] ?? "", line.account.receiptKey)
            else { throw ProviderError.forged }
            return ReceivedNews(contentType: "text/plain", answer: challenge)
        }
        let mac = Digest.hexadecimal(Digest.hmac(call.body, key: Array(line.account["app_secret"].utf8)))
        guard Digest.equal(call.headers["x-hub-signature-256"] ?? "", "sha256=\(mac)") else {
            throw ProviderError.forged
        }
        var news = ReceivedNews(answer: #"{"success":true}"#)
        for entry in try call.json()["entry"]?.arrayValue ?? [] {
            for change in entry["changes"]?.arrayValue ?? [] {
                guard let value = change["value"] else { continue }
                // Several numbers may have one app.
                let number = value["metadata"]?["phone_number_id"]?.stringValue
                guard number == nil || number == line.account["phone_number_id"] else { continue }
                news.receipts += (value["statuses"]?.arrayValue ?? []).compactMap(receipt)
                news.replies += (value["messages"]?.arrayValue ?? []).compactMap { reply($0, line.now) }
                news.replies += (value["user_preferences"]?.arrayValue ?? []).compactMap { preference($0, line.now) }
            }
        }
        return news
    }

    private static let words: [String: ProviderReceipt.Word] = [
        "sent": .accepted, "delivered": .delivered, "read": .read, "failed": .failed,
    ]

    private func receipt(_ status: JSONValue) -> ProviderReceipt? {
        guard let id = status["id"]?.stringValue, let word = Self.words[status["status"]?.stringValue ?? ""] else {
            return nil
        }
        let error = status["errors"]?[0]
        return ProviderReceipt(
            provider: name, providerID: id,
            messageID: status["biz_opaque_callback_data"]?.stringValue.flatMap { Int64($0) }, word: word,
            code: error?["code"]?.intValue.map { String($0) } ?? "", detail: error.map(Self.words) ?? "")
    }

    private func reply(_ message: JSONValue, _ now: Timestamp) -> ProviderReply? {
        let kind = message["type"]?.stringValue ?? ""
        let interactive = message["interactive"]
        let words: [JSONValue?] = [
            message["text"]?["body"], message["button"]?["text"], interactive?["button_reply"]?["title"],
            interactive?["list_reply"]?["title"],
        ]
        let text = words.lazy.compactMap { $0?.stringValue }.first ?? "[\(kind)]"
        return reply(message["id"]?.stringValue, message["from"]?.stringValue, text, message["timestamp"], now)
    }

    /// “Stop” and “resume” of marketing, said in the app itself.
    private func preference(_ preference: JSONValue, _ now: Timestamp) -> ProviderReply? {
        let (from, word) = (preference["wa_id"]?.stringValue ?? "", preference["value"]?.stringValue ?? "")
        let time = preference["timestamp"]?.intValue.map { String($0) } ?? preference["timestamp"]?.stringValue ?? ""
        return reply(
            "preference \(from) \(time)", from, word == "stop" ? "stop" : "start", preference["timestamp"], now)
    }

    private func reply(
        _ id: String?, _ from: String?, _ text: String, _ time: JSONValue?, _ now: Timestamp
    ) -> ProviderReply? {
        guard let id, let number = from.flatMap({ PhoneNumber.normalise("+" + $0, defaultCountry: "CN") }) else {
            return nil
        }
        let seconds = time?.intValue ?? time?.stringValue.flatMap { Int64($0) }
        return ProviderReply(
            provider: name, channel: channel, providerID: id,
            sender: IdentityKey(kind: IdentityKind.phone, value: number), text: text,
            at: seconds.map { min(Timestamp(seconds: $0), now) } ?? now)
    }
}

/// The parts of a template: how they are filled in, and how they read.
///
/// A value's name says where it belongs: `1` or `name` in the body, `header.1` in a title of words, `header.image`,
/// `header.video`, `header.document` for the address of a file, `button.0` for the end of a button's address,
/// `button.0.code` for the code that a button copies.
struct WhatsAppComponents {
    private let parameters: [ProviderTemplate.Parameter]

    init(_ parameters: [ProviderTemplate.Parameter]) {
        self.parameters = parameters
    }

    var json: [JSONValue] {
        var (header, buttons): ([JSONValue], [JSONValue]) = ([], [])
        var body: [(name: String, value: JSONValue)] = []
        for parameter in parameters {
            let parts = parameter.name.split(separator: ".").map(String.init)
            switch (parts.first, parts.count) {
            case ("header", 2): header.append(Self.header(parts[1], parameter.value))
            case ("button", 2):
                buttons.append(
                    Self.button(parts[1], "url", ["type": "text", "text": .string(Self.encoded(parameter.value))]))
            case ("button", 3):
                buttons.append(
                    Self.button(
                        parts[1], "copy_code", ["type": "coupon_code", "coupon_code": .string(parameter.value)]))
            default:
                let name = parts.last ?? ""
                body.append((name, Self.text(name, parameter.value)))
            }
        }
        // Places that are numbers are filled in by their order, whatever order the values came in.
        if body.allSatisfy({ Int($0.name) != nil }) { body.sort { Int($0.name) ?? 0 < Int($1.name) ?? 0 } }
        var components: [JSONValue] = []
        if !header.isEmpty { components.append(["type": "header", "parameters": .array(header)]) }
        if !body.isEmpty { components.append(["type": "body", "parameters": .array(body.map(\.value))]) }
        return components + buttons
    }

    /// What cannot stand in an address is written as an address has it; what is so already, stays.
    private static func encoded(_ value: String) -> String {
        value.addingPercentEncoding(withAllowedCharacters: addressCharacters) ?? ""
    }

    private static let addressCharacters = CharacterSet(charactersIn: "!"..."~").subtracting(
        CharacterSet(charactersIn: "\"<>\\^`{|}"))

    /// Places have numbers or names, by how the template was made.
    private static func text(_ name: String, _ value: String) -> JSONValue {
        var members: [String: JSONValue] = ["type": "text", "text": .string(value)]
        if Int(name) == nil { members["parameter_name"] = .string(name) }
        return .object(members)
    }

    private static func header(_ kind: String, _ value: String) -> JSONValue {
        guard ["image", "video", "document"].contains(kind) else { return text(kind, value) }
        return ["type": .string(kind), kind: ["link": .string(value)]]
    }

    private static func button(_ index: String, _ kind: String, _ parameter: JSONValue) -> JSONValue {
        [
            "type": "button", "sub_type": .string(kind), "index": .string(index),
            "parameters": .array([parameter]),
        ]
    }

    private static let statuses: [String: ApprovedTemplate.Status] = [
        "APPROVED": .approved, "PENDING": .waiting, "IN_APPEAL": .waiting,
    ]

    /// One of the account's templates as it is kept.
    static func template(_ one: JSONValue) -> ApprovedTemplate? {
        guard let name = one["name"]?.stringValue, let language = one["language"]?.stringValue else { return nil }
        var (texts, places): ([String], [String]) = ([], [])
        for component in one["components"]?.arrayValue ?? [] {
            let text = component["text"]?.stringValue ?? ""
            switch component["type"]?.stringValue {
            case "HEADER":
                let format = component["format"]?.stringValue ?? "TEXT"
                guard format == "TEXT" else {
                    places.append("header.\(format.lowercased())")
                    continue
                }
                texts.append(text.replacing("{{", with: "{{header."))
                places += ProviderPlace.names(in: text).map { "header.\($0)" }
            case "BODY":
                texts.append(text)
                places += ProviderPlace.names(in: text)
            case "FOOTER": texts.append(text)
            case "BUTTONS": places += buttonPlaces(component)
            default: continue
            }
        }
        let rejected = one["rejected_reason"]?.stringValue ?? ""
        let word = one["status"]?.stringValue ?? ""
        // Paused and disabled have no reason but themselves.
        let detail = rejected.isEmpty || rejected == "NONE" ? word : rejected
        let status = statuses[word] ?? .rejected
        return ApprovedTemplate(
            code: name, language: language, name: name, text: texts.joined(separator: "\n"),
            status: status, detail: status == .rejected && detail != "REJECTED" ? detail : "",
            category: one["category"]?.stringValue ?? "",
            parameters: places)
    }

    private static func buttonPlaces(_ component: JSONValue) -> [String] {
        (component["buttons"]?.arrayValue ?? []).enumerated().compactMap { index, button in
            switch button["type"]?.stringValue {
            case "URL" where button["url"]?.stringValue?.contains("{{") == true: "button.\(index)"
            case "COPY_CODE": "button.\(index).code"
            default: nil
            }
        }
    }
}
