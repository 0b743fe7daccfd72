import Engine
import Storage

/// The menu of the official account, and group sends at WeCom.
enum WeChatEndpoints {
    private static let tag = MessageEndpoints.tag

    private static let plain: [APIField] = [
        APIField("name", .string(min: 1, max: 60)), APIField("kind", .words(WeChatMenu.Kind.allCases.map(\.rawValue))),
        .optional("key", .string(max: 128), "Of `click`: what `WeChat Menu Used` tells."),
        .optional("url", .string(max: 1_024), "Of `view`, and of `miniprogram` where that cannot be opened."),
        .optional("app_id", .string(max: 64)), .optional("path", .string(max: 1_024)),
    ]
    private static let button = APISchema.object(
        plain + [
            .optional(
                "buttons", .array(.object(plain), count: 0...WeChatMenu.innerMax), "Of `group`: what it opens.")
        ])
    private static let menu = APISchema.object([
        APIField("buttons", .array(button, count: 0...WeChatMenu.buttonsMax))
    ])
    private static let task = APISchema.object([
        APIField("id", .id), APIField("text", .string()),
        APIField("state", .words(WeComTask.State.allCases.map(\.rawValue))), APIField("detail", .string()),
        APIField("people", .integer()), APIField("sent", .integer()), APIField("waiting", .integer()),
        APIField("refused", .integer()), APIField("opened_at", .timestamp),
        APIField("handed_at", .nullable(.timestamp)),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/wechat/menu", "getWeChatMenu", tag: tag,
            "The menu under the official account, as followers see it.", access: .scope(.messagesRead), response: menu,
            handler: get),
        APIRoute(
            .put, "/api/v1/wechat/menu", "setWeChatMenu", tag: tag, "Publish a menu in place of the one before.",
            access: .scope(.messagesWrite), body: .json(menu), response: menu, handler: set),
        APIRoute(
            .get, "/api/v1/wecom/tasks", "listWeComTasks", tag: tag,
            "Group sends that employees confirm, the newest first.", access: .scope(.messagesRead),
            parameters: APIParameter.paging, response: .page(of: task), handler: tasks),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        APIResponse(json(try await WeChatMenu.fetch(context.providers, context.platform)))
    }

    @Sendable private static func set(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let menu = WeChatMenu(buttons: (request.body["buttons"]?.arrayValue ?? []).map(read))
        try await menu.publish(by: request.caller.actor, context.providers, context.platform)
        return APIResponse(json(menu))
    }

    private static func read(_ json: JSONValue) -> WeChatMenu.Button {
        let word = { (name: String) in json[name]?.stringValue ?? "" }
        return WeChatMenu.Button(
            name: word("name"), kind: WeChatMenu.Kind(rawValue: word("kind")) ?? .view, key: word("key"),
            url: word("url"), appID: word("app_id"), path: word("path"),
            buttons: (json["buttons"]?.arrayValue ?? []).map(read))
    }

    private static func json(_ menu: WeChatMenu) -> JSONValue { ["buttons": .array(menu.buttons.map(json))] }

    private static func json(_ button: WeChatMenu.Button) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(button.name), "kind": .string(button.kind.rawValue), "key": .string(button.key),
            "url": .string(button.url), "app_id": .string(button.appID), "path": .string(button.path),
        ]
        if button.kind == .group { members["buttons"] = .array(button.buttons.map(json)) }
        return .object(members)
    }

    @Sendable private static func tasks(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID(), min(request.limit, MessageLimits.pageRows))
        let found = try await context.platform.store.read {
            try WeComTask.list(before: before, limit: limit + 1, $0)
        }
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last.map { JSONValue.integer($0.task.id) } : nil
        return APIResponse(page: page, next: next) { task, progress in
            [
                "id": JSONValue(id: task.id), "text": .string(task.words), "state": .string(task.state.rawValue),
                "detail": .string(task.detail), "people": .integer(task.people), "sent": .integer(progress.sent),
                "waiting": .integer(progress.waiting), "refused": .integer(progress.refused),
                "opened_at": JSONValue(task.openedAt), "handed_at": JSONValue(task.handedAt),
            ]
        }
    }
}
