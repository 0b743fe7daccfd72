import Storage

/// Text messages by Alibaba Cloud (Dysmsapi 2017-05-25), in mainland China and abroad.
///
/// The provider knows no idempotency: a request that was heard without an answer is *unknown*, until the receipt, which
/// carries our own id (`OutId`), says what became of it. Receipts and replies come as one JSON array, unsigned.
package struct AliyunSMS: MessageProvider {
    package let name = "aliyun_sms"
    package let channel = "sms"
    package let baseURL = "https://dysmsapi.aliyuncs.com"
    package let templateUse = ProviderTemplateUse.required
    package let submits = true
    package let fields = [
        ProviderField("access_key_id"), ProviderField("access_key_secret", .secret),
        ProviderField("signature", required: false),
    ]

    private static let version = "2017-05-25"
    private static let pageRows = 50

    package init() {}

    package let faults: [ProviderFault] = [
        ProviderFault("isp.SYSTEM_ERROR", .retry()), ProviderFault("isp.GATEWAY_ERROR", .retry()),
        ProviderFault("Throttling*", .retry(.minutes(1))), ProviderFault("ServiceUnavailable*", .retry()),
        ProviderFault("isv.BUSINESS_LIMIT_CONTROL", .retry(.hours(1))),
        ProviderFault("isv.MOBILE_NUMBER_ILLEGAL", .suppress("no_such_address")),
        ProviderFault("isv.BLACK_KEY_CONTROL_LIMIT", .refuse()),
        ProviderFault("isv.OUT_OF_SERVICE", .pause(.account)),
        ProviderFault("isv.AMOUNT_NOT_ENOUGH", .pause(.account)),
        ProviderFault("isv.PRODUCT_UN_SUBSCRIPT", .pause(.account)),
        ProviderFault("isv.ACCOUNT_*", .pause(.account)),
        ProviderFault("isv.DAY_LIMIT_CONTROL", .pause(.account)),
        ProviderFault("isv.MONTH_LIMIT_CONTROL", .pause(.account)),
        ProviderFault("isp.RAM_PERMISSION_DENY", .pause(.account)),
        ProviderFault("isv.DENY_IP_RANGE", .pause(.account)),
        ProviderFault("InvalidAccessKeyId*", .pause(.account)),
        ProviderFault("SignatureDoesNotMatch", .pause(.account)),
        ProviderFault("InvalidTimeStamp*", .pause(.account)), ProviderFault("Forbidden*", .pause(.account)),
        ProviderFault("isv.SMS_TEMPLATE_ILLEGAL", .pause(.template)),
        ProviderFault("isv.SMS_SIGNATURE_ILLEGAL", .pause(.template)),
        ProviderFault("isv.SMS_SIGNATURE_SCENE_ILLEGAL", .pause(.template)),
        ProviderFault("isv.TEMPLATE_MISSING_PARAMETERS", .pause(.template)),
        // What receipts say.
        ProviderFault("MOBILE_IN_BLACK", .suppress("blacklisted")), ProviderFault("BLACK*", .suppress("blacklisted")),
        ProviderFault("INVALID_NUMBER", .suppress("no_such_address")),
        ProviderFault("UNDELIV*", .suppressRepeated), ProviderFault("EXPIRED", .suppressRepeated),
        ProviderFault("MOBILE_NOT_ON_SERVICE", .suppressRepeated), ProviderFault("IS_CLOSED", .suppressRepeated),
        ProviderFault("MK:*", .suppressRepeated), ProviderFault("MI:*", .suppressRepeated),
        ProviderFault("MN:*", .suppressRepeated),
    ]

    package func address(_ text: String, country: String) -> String? {
        PhoneNumber.normalise(text, defaultCountry: country)
    }

    package func units(of message: OutgoingMessage) -> Int64 { SMSChannel.units(of: message) }

    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        guard let content = message.content, !content.code.isEmpty else {
            return .bounced(reason: "refused", detail: "no template", suppresses: false)
        }
        var parameters = [
            "PhoneNumbers": Self.number(message.address), "TemplateCode": content.code, "OutId": String(message.id),
        ]
        let signature = content.signature.isEmpty ? line.account["signature"] : content.signature
        if !signature.isEmpty { parameters["SignName"] = signature }
        if !content.parameters.isEmpty {
            let values = Dictionary(content.parameters.map { ($0.name, JSONValue.string($0.value)) }) { $1 }
            parameters["TemplateParam"] = JSONValue.object(values).text()
        }
        let answer = await call("SendSms", parameters, line)
        guard let code = answer.json?["Code"]?.stringValue else { return answer.outcome() }
        if code == "OK" { return .sent(providerID: answer.json?["BizId"]?.stringValue ?? "") }
        // An error that is not in the table, and not said of this message: nobody knows what was done.
        if answer.status >= 500, faults.meaning(of: code) == nil { return .unknown(detail: answer.words) }
        let words = answer.json?["Message"]?.stringValue ?? ""
        return faults.outcome(of: code, detail: "\(code) \(words)", at: line.now)
    }

    /// Eleven digits at home, country code and digits abroad.
    static func number(_ address: String) -> String {
        String(address.dropFirst(SMSLength.isMainland(address) ? 3 : 1))
    }

    private func call(
        _ action: String, _ parameters: [String: String], _ line: ProviderLine
    ) async -> ProviderAnswer {
        let base = line.account.baseURL
        guard let address = OutgoingAddress(base) else { return .unreachable("the address of the API cannot be read") }
        let signature = AliyunSignature(
            keyID: line.account["access_key_id"], secret: line.account["access_key_secret"],
            host: address.authority, action: action, version: Self.version,
            date: line.now.wholeSecondISO8601, nonce: line.platform.effects.randomHex(bytes: 16))
        let query = AliyunSignature.query(parameters)
        return await line.send(
            ProviderCall("POST", "\(base)/?\(query)", headers: signature.headers(query: query)))
    }

    private func asked(
        _ action: String, _ parameters: [String: String], _ line: ProviderLine
    ) async throws -> JSONValue {
        let answer = await call(action, parameters, line)
        guard let json = answer.json, let code = json["Code"]?.stringValue else {
            throw answer.refusal
        }
        guard code == "OK" else { throw ProviderError.refused(code: code, json["Message"]?.stringValue ?? "") }
        return json
    }

    // MARK: The account

    package func check(_ line: ProviderLine) async throws -> ProviderCheck {
        let templates = try await asked("QuerySmsTemplateList", ["PageIndex": "1", "PageSize": "1"], line)
        let day = LocalCalendar.text(ofDay: (line.now.seconds + 8 * 3_600) / 86_400).replacing("-", with: "")
        let sent = try await asked(
            "QuerySendStatistics",
            ["IsGlobe": "1", "StartDate": day, "EndDate": day, "PageIndex": "1", "PageSize": "1"], line)
        let today = sent["Data"]?["TargetList"]?[0]
        return ProviderCheck([
            ProviderCheck.Fact("templates", String(templates["TotalCount"]?.intValue ?? 0)),
            ProviderCheck.Fact("sent_today", String(today?["TotalCount"]?.intValue ?? 0)),
            ProviderCheck.Fact("delivered_today", String(today?["RespondedSuccessCount"]?.intValue ?? 0)),
            ProviderCheck.Fact("failed_today", String(today?["RespondedFailCount"]?.intValue ?? 0)),
        ])
    }

    private static let statuses: [String: ApprovedTemplate.Status] = [
        "AUDIT_STATE_PASS": .approved, "AUDIT_STATE_INIT": .waiting,
    ]

    package func approved(_ line: ProviderLine) async throws -> [ApprovedTemplate] {
        let templates = try await pages("QuerySmsTemplateList", "SmsTemplateList", line).map { one in
            ApprovedTemplate(
                code: one["TemplateCode"]?.stringValue ?? "", name: one["TemplateName"]?.stringValue ?? "",
                text: one["TemplateContent"]?.stringValue ?? "",
                status: Self.statuses[one["AuditStatus"]?.stringValue ?? ""] ?? .rejected, detail: Self.reason(one),
                category: one["OuterTemplateType"]?.intValue.flatMap(Self.category) ?? "")
        }
        let signatures = try await pages("QuerySmsSignList", "SmsSignList", line).map { one in
            let sign = one["SignName"]?.stringValue ?? ""
            return ApprovedTemplate(
                .signature, code: sign, name: sign,
                status: Self.statuses[one["AuditStatus"]?.stringValue ?? ""] ?? .rejected, detail: Self.reason(one))
        }
        return (templates + signatures).filter { !$0.code.isEmpty }
    }

    private func pages(_ action: String, _ key: String, _ line: ProviderLine) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        for page in 1...ProviderLimits.templatePages {
            let answer = try await asked(
                action, ["PageIndex": String(page), "PageSize": String(Self.pageRows)], line)
            let rows = answer[key]?.arrayValue ?? []
            found += rows
            let total = answer["TotalCount"]?.intValue ?? 0
            if rows.isEmpty || Int64(found.count) >= total || found.count >= ProviderLimits.templates { break }
        }
        return found
    }

    private static func reason(_ one: JSONValue) -> String {
        let reason = one["Reason"]
        return [reason?["RejectInfo"]?.stringValue, reason?["RejectSubInfo"]?.stringValue].compactMap { $0 }
            .filter { !$0.isEmpty && $0 != "无审批备注" }.joined(separator: " ")
    }

    private static func category(_ type: Int64) -> String? {
        ProviderTemplateDraft.categories.indices.contains(Int(type))
            ? ProviderTemplateDraft.categories[Int(type)] : nil
    }

    package func submit(_ draft: ProviderTemplateDraft, _ line: ProviderLine) async throws {
        let type = ProviderTemplateDraft.categories.firstIndex(of: draft.category) ?? 1
        _ = try await asked(
            "AddSmsTemplate",
            [
                "TemplateName": draft.name, "TemplateContent": draft.text, "TemplateType": String(type),
                "Remark": draft.remark,
            ], line)
    }

    // MARK: What it tells

    /// `SmsReport` and `SmsUp`, both as arrays.
    package func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews {
        guard let items = try call.json().arrayValue else { throw ProviderError.unreadable }
        var news = ReceivedNews(answer: #"{"code":0,"msg":"OK"}"#)
        for item in items {
            if let text = item["content"]?.stringValue {
                guard
                    let reply = SMSChannel.reply(
                        self, id: item["sequence_id"], from: item["phone_number"], text: text, at: line.now,
                        time: item["send_time"]?.stringValue ?? "")
                else { throw ProviderError.unreadable }
                news.replies.append(reply)
                continue
            }
            guard let isDelivered = item["success"]?.boolValue ?? item["success"]?.stringValue.map({ $0 == "true" })
            else { throw ProviderError.unreadable }
            news.receipts.append(
                ProviderReceipt(
                    provider: name, providerID: item["biz_id"]?.stringValue ?? "",
                    messageID: item["out_id"]?.stringValue.flatMap { Int64($0) },
                    word: isDelivered ? .delivered : .failed, code: item["err_code"]?.stringValue ?? "",
                    detail: item["err_msg"]?.stringValue ?? ""))
        }
        return news
    }
}
