import Engine

/// The menu under the official account, read from WeChat and published to it.
struct WeChatMenuModel: PageModel {
    struct Entry: Encodable, Sendable {
        /// What its fields begin with.
        var name: String
        var title: String
        var label: String
        var kinds: [Choice]
        var key: String
        var url: String
        var appID: String
        var path: String
        var isFilled: Bool
        var entries: [Entry]
    }

    var entries: [Entry]
    var said: String?
    var problem: String?
}

enum WeChatMenuPage {
    static let path = "/sending/wechat-menu"

    /// As followers see it now.
    static func show(_ request: PageRequest) async throws -> Reply {
        do {
            let menu = try await WeChatMenu.fetch(request.console.configuration.providers, request.platform)
            return answer(request, menu, said: menu.buttons.isEmpty ? request.text("wechat.menu_none") : nil)
        } catch let error where ProviderWords.problem(error, request) != nil {
            return answer(request, WeChatMenu(), problem: error)
        }
    }

    static func publish(_ request: PageRequest) async throws -> Reply {
        let menu = Self.menu(request.form)
        do {
            try await menu.publish(
                by: request.actor, request.console.configuration.providers, request.platform)
            return .redirect(to: path, notice: "wechat.menu_published")
        } catch ProviderError.badField(let place) {
            return answer(request, menu, told: request.text("wechat.problem_button", ["place": words(place, request)]))
        } catch let error where ProviderWords.problem(error, request) != nil {
            return answer(request, menu, problem: error)
        }
    }

    /// `button.2.3` is the third under the second.
    private static func words(_ place: String, _ request: PageRequest) -> String {
        let numbers = place.split(separator: ".").dropFirst().joined(separator: "–")
        return numbers.isEmpty ? request.text("wechat.menu") : numbers
    }

    private static func menu(_ form: Fields) -> WeChatMenu {
        WeChatMenu(
            buttons: (0..<WeChatMenu.buttonsMax).compactMap { place in
                guard var button = Self.button(form, "m\(place)") else { return nil }
                button.buttons = (0..<WeChatMenu.innerMax).compactMap { Self.button(form, "m\(place)_\($0)") }
                if button.kind != .group { button.buttons = [] }
                return button
            })
    }

    private static func button(_ form: Fields, _ name: String) -> WeChatMenu.Button? {
        let field = { (key: String) in form.text("\(name)_\(key)") }
        guard !field("name").isEmpty else { return nil }
        return WeChatMenu.Button(
            name: field("name"), kind: WeChatMenu.Kind(rawValue: field("kind")) ?? .view, key: field("key"),
            url: field("url"), appID: field("app"), path: field("path"))
    }

    private static func answer(
        _ request: PageRequest, _ menu: WeChatMenu, said: String? = nil, told: String? = nil,
        problem: (any Error)? = nil
    ) -> Reply {
        let entries = (0..<WeChatMenu.buttonsMax).map { place -> WeChatMenuModel.Entry in
            let button = menu.buttons.indices.contains(place) ? menu.buttons[place] : nil
            let title = request.text("wechat.menu_button", ["number": String(place + 1)])
            var made = Self.entry(button, "m\(place)", title, WeChatMenu.Kind.allCases, request)
            made.entries = (0..<WeChatMenu.innerMax).map { inner in
                let other = button.flatMap { $0.buttons.indices.contains(inner) ? $0.buttons[inner] : nil }
                return Self.entry(
                    other, "m\(place)_\(inner)", "\(title) – \(inner + 1)", [.view, .click, .miniprogram], request)
            }
            return made
        }
        let shown = told ?? problem.flatMap { ProviderWords.problem($0, request) }
        return .page(
            Page(
                "sending/wechat-menu", title: request.text("wechat.menu"),
                crumbs: [
                    Crumb(request.text("sending.title"), "/sending"),
                    Crumb(request.text("provider.title"), "/sending/providers"),
                    Crumb(request.text("provider.name_wechat_official"), "/sending/providers/wechat_official"),
                ], model: WeChatMenuModel(entries: entries, said: said, problem: shown),
                status: shown == nil ? .ok : .unprocessableContent))
    }

    private static func entry(
        _ button: WeChatMenu.Button?, _ name: String, _ title: String, _ kinds: [WeChatMenu.Kind],
        _ request: PageRequest
    ) -> WeChatMenuModel.Entry {
        WeChatMenuModel.Entry(
            name: name, title: title, label: button?.name ?? "",
            kinds: kinds.map {
                Choice(
                    $0.rawValue, request.text("wechat.kind_\($0.rawValue)"), chosen: button?.kind.rawValue ?? "view")
            }, key: button?.key ?? "", url: button?.url ?? "", appID: button?.appID ?? "", path: button?.path ?? "",
            isFilled: button != nil, entries: [])
    }
}
