import Storage

/// Text messages by Tencent Cloud (sms 2021-01-11), in mainland China and abroad.
///
/// The provider knows no idempotency: a request that was heard without an answer is *unknown*. Receipts come as a JSON
/// array, a reply as an object, unsigned; a receipt names the message by `sid`, the `SerialNo` of the answer.
package struct TencentSMS: MessageProvider {
    package let name = "tencent_sms"
    package let channel = "sms"
    package let baseURL = "https://sms.tencentcloudapi.com"
    package let perSecond: Int64 = 3_000
    package let templateUse = ProviderTemplateUse.required
    package let submits = true
    package let fields = [
        ProviderField("secret_id"), ProviderField("secret_key", .secret), ProviderField("sdk_app_id"),
        ProviderField("region", initial: "ap-guangzhou"), ProviderField("signature", required: false),
    ]

    private static let version = "2021-01-11"
    private static let pageRows: Int64 = 100

    package init() {}

    package let faults: [ProviderFault] = [
        ProviderFault("InternalError*", .retry()), ProviderFault("RequestLimitExceeded*", .retry(.minutes(1))),
        ProviderFault("LimitExceeded.DeliveryFrequencyLimit", .retry(.minutes(1))),
        ProviderFault("LimitExceeded.GlobalSmsSendingRateLimit", .retry(.minutes(1))),
        ProviderFault("LimitExceeded.PhoneNumberThirtySecondLimit", .retry(.minutes(1))),
        ProviderFault("LimitExceeded.PhoneNumberOneHourLimit", .retry(.hours(1))),
        ProviderFault("LimitExceeded.PhoneNumber*", .retry(.hours(24))),
        ProviderFault("FailedOperation.MarketingSendTimeConstraint", .retry(.morning(hour: 8, hoursEast: 8))),
        ProviderFault("FailedOperation.PhoneNumberInBlacklist", .suppress("blacklisted")),
        ProviderFault("InvalidParameterValue.IncorrectPhoneNumber", .suppress("no_such_address")),
        ProviderFault("FailedOperation.PhoneNumberParseFail", .suppress("no_such_address")),
        ProviderFault("FailedOperation.InsufficientBalanceInSmsPackage", .pause(.account)),
        ProviderFault("UnauthorizedOperation*", .pause(.account)), ProviderFault("AuthFailure*", .pause(.account)),
        ProviderFault("InvalidParameterValue.SdkAppIdNotExist", .pause(.account)),
        ProviderFault("FailedOperation.ProhibitSubAccountUse", .pause(.account)),
        ProviderFault("UnsupportedOperation.UnsupportedRegion", .pause(.account)),
        ProviderFault("LimitExceeded.App*", .pause(.account)),
        ProviderFault("LimitExceeded.DailyLimit", .pause(.account)),
        ProviderFault("FailedOperation.Template*", .pause(.template)),
        ProviderFault("FailedOperation.Signature*", .pause(.template)),
        ProviderFault("FailedOperation.MissingSignature", .pause(.template)),
        ProviderFault("FailedOperation.SignIdNotExist", .pause(.template)),
        // What receipts say.
        ProviderFault("UNDELIV", .suppressRepeated), ProviderFault("EXPIRED", .suppressRepeated),
        ProviderFault("DELETED", .suppressRepeated), ProviderFault("MK:*", .suppressRepeated),
        ProviderFault("MI:*", .suppressRepeated), ProviderFault("MN:*", .suppressRepeated),
        ProviderFault("BLACK*", .suppress("blacklisted")), ProviderFault("PHONEERR", .suppress("no_such_address")),
    ]

    package func address(_ text: String, country: String) -> String? {
        PhoneNumber.normalise(text, defaultCountry: country)
    }

    package func units(of message: OutgoingMessage) -> Int64 { SMSChannel.units(of: message) }

    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        guard let content = message.content, !content.code.isEmpty else {
            return .bounced(reason: "refused", detail: "no template", suppresses: false)
        }
        let signature = content.signature.isEmpty ? line.account["signature"] : content.signature
        var body: [String: JSONValue] = [
            "PhoneNumberSet": [.string(message.address)], "SmsSdkAppId": .string(line.account["sdk_app_id"]),
            "TemplateId": .string(content.code), "SessionContext": .string(String(message.id)),
            "TemplateParamSet": .array(Self.ordered(content.parameters).map { .string($0) }),
        ]
        if !signature.isEmpty { body["SignName"] = .string(signature) }
        let answer = await call("SendSms", .object(body), line)
        guard let response = answer.json?["Response"] else { return answer.outcome() }
        let status = response["SendStatusSet"]?[0]
        guard let code = response["Error"]?["Code"]?.stringValue ?? status?["Code"]?.stringValue else {
            return .unknown(detail: answer.words)
        }
        if code == "Ok" { return .sent(providerID: status?["SerialNo"]?.stringValue ?? "") }
        if answer.status >= 500, faults.meaning(of: code) == nil { return .unknown(detail: answer.words) }
        let words = response["Error"]?["Message"]?.stringValue ?? status?["Message"]?.stringValue ?? ""
        return faults.outcome(of: code, detail: "\(code) \(words)", at: line.now)
    }

    /// Places have numbers: `{1}` first.
    private static func ordered(_ parameters: [ProviderTemplate.Parameter]) -> [String] {
        parameters.sorted { (Int($0.name) ?? .max, $0.name) < (Int($1.name) ?? .max, $1.name) }.map(\.value)
    }

    private func call(_ action: String, _ body: JSONValue, _ line: ProviderLine) async -> ProviderAnswer {
        let base = line.account.baseURL
        guard let address = OutgoingAddress(base) else { return .unreachable("the address of the API cannot be read") }
        let (bytes, seconds) = (body.utf8Text(), line.now.seconds)
        let signature = TencentSignature(
            keyID: line.account["secret_id"], secret: line.account["secret_key"], host: address.authority,
            service: "sms", action: action, seconds: seconds)
        let headers = [
            ProviderCall.Header("Content-Type", TencentSignature.contentType),
            ProviderCall.Header("X-TC-Action", action), ProviderCall.Header("X-TC-Version", Self.version),
            ProviderCall.Header("X-TC-Timestamp", String(seconds)),
            ProviderCall.Header("X-TC-Region", line.account["region"]),
            ProviderCall.Header("Authorization", signature.authorization(bytes)),
        ]
        return await line.send(ProviderCall("POST", base + "/", headers: headers, body: bytes))
    }

    private func asked(_ action: String, _ body: JSONValue, _ line: ProviderLine) async throws -> JSONValue {
        let answer = await call(action, body, line)
        guard let response = answer.json?["Response"] else { throw answer.refusal }
        if let error = response["Error"] {
            throw ProviderError.refused(
                code: error["Code"]?.stringValue ?? "", error["Message"]?.stringValue ?? "")
        }
        return response
    }

    // MARK: The account

    package func check(_ line: ProviderLine) async throws -> ProviderCheck {
        // Packages that were bought in the last two years; each hour of Beijing.
        let now = line.now.adding(milliseconds: 8 * 3_600_000)
        let hour = { (time: Timestamp) -> String in
            let day = LocalCalendar.text(ofDay: time.seconds / 86_400).replacing("-", with: "")
            let hour = String(time.seconds % 86_400 / 3_600)
            return day + (hour.count == 1 ? "0" : "") + hour
        }
        let found = try await asked(
            "SmsPackagesStatistics",
            [
                "SmsSdkAppId": .string(line.account["sdk_app_id"]), "Limit": 500, "Offset": 0,
                "BeginTime": .string(hour(now.adding(days: -730))),
                "EndTime": .string(hour(now)),
            ], line)
        let packages = (found["SmsPackagesStatisticsSet"]?.arrayValue ?? []).filter {
            ($0["PackageExpiredTime"]?.intValue ?? 0) > line.now.seconds
        }
        var left: Int64 = 0
        for package in packages {
            let (bought, used) = (package["PackageAmount"]?.intValue ?? 0, package["CurrentUsage"]?.intValue ?? 0)
            left += max(0, bought - used)
        }
        return ProviderCheck([
            ProviderCheck.Fact("packages", String(packages.count)), ProviderCheck.Fact("left", String(left)),
        ])
    }

    package func approved(_ line: ProviderLine) async throws -> [ApprovedTemplate] {
        var found: [ApprovedTemplate] = []
        for international in [Int64(0), 1] {
            found += try await pages(
                "DescribeSmsTemplateList", "DescribeTemplateStatusSet", international, line
            ).compactMap { one in
                guard let id = one["TemplateId"]?.intValue else { return nil }
                return ApprovedTemplate(
                    code: String(id), name: one["TemplateName"]?.stringValue ?? "",
                    text: one["TemplateContent"]?.stringValue ?? "", status: Self.status(one),
                    detail: one["ReviewReply"]?.stringValue ?? "",
                    category: international == 1 ? "international" : "domestic")
            }
            found += try await pages("DescribeSmsSignList", "DescribeSignListStatusSet", international, line)
                .compactMap { one in
                    guard let sign = one["SignName"]?.stringValue, !sign.isEmpty else { return nil }
                    return ApprovedTemplate(
                        .signature, code: sign, name: sign, status: Self.status(one),
                        detail: one["ReviewReply"]?.stringValue ?? "",
                        category: international == 1 ? "international" : "domestic")
                }
        }
        return found
    }

    private static func status(_ one: JSONValue) -> ApprovedTemplate.Status {
        switch one["StatusCode"]?.intValue {
        case 0: .approved
        case 1, 2: .waiting
        default: .rejected
        }
    }

    private func pages(
        _ action: String, _ key: String, _ international: Int64, _ line: ProviderLine
    ) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        for page in 0..<ProviderLimits.templatePages {
            let answer = try await asked(
                action,
                [
                    "International": .integer(international), "Limit": .integer(Self.pageRows),
                    "Offset": .integer(Int64(page) * Self.pageRows),
                ], line)
            let rows = answer[key]?.arrayValue ?? []
            found += rows
            if rows.count < Int(Self.pageRows) || found.count >= ProviderLimits.templates { break }
        }
        return found
    }

    package func submit(_ draft: ProviderTemplateDraft, _ line: ProviderLine) async throws {
        let types: [String: Int64] = ["marketing": 1, "notice": 2, "verification": 3]
        _ = try await asked(
            "AddSmsTemplate",
            [
                "TemplateName": .string(draft.name), "TemplateContent": .string(draft.text),
                "SmsType": .integer(types[draft.category] ?? 2), "International": 0, "Remark": .string(draft.remark),
            ], line)
    }

    // MARK: What it tells

    package func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews {
        var news = ReceivedNews(answer: #"{"result":0,"errmsg":"OK"}"#)
        let body = try call.json()
        if let text = body["text"]?.stringValue {
            let time = body["time"]?.intValue ?? 0
            let number = "+" + (body["nationcode"]?.stringValue ?? "86") + (body["mobile"]?.stringValue ?? "")
            guard
                let reply = SMSChannel.reply(
                    self, id: nil, from: .string(number), text: text, at: line.now, time: String(time))
            else { throw ProviderError.unreadable }
            news.replies = [reply]
            return news
        }
        guard let items = body.arrayValue else { throw ProviderError.unreadable }
        news.receipts = try items.map { item in
            guard let sid = item["sid"]?.stringValue, let status = item["report_status"]?.stringValue else {
                throw ProviderError.unreadable
            }
            return ProviderReceipt(
                provider: name, providerID: sid, word: status == "SUCCESS" ? .delivered : .failed,
                code: item["errmsg"]?.stringValue ?? "", detail: item["description"]?.stringValue ?? "")
        }
        return news
    }
}
