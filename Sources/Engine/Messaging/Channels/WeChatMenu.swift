import Storage

/// The menu under an official account: up to three buttons, each leading somewhere or opening up to five more.
package struct WeChatMenu: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Tells us its key (`WeChat Menu Used`).
        case click
        case view
        case miniprogram
        /// Opens others.
        case group
    }

    package struct Button: Sendable, Equatable {
        package var name: String
        package var kind: Kind
        /// Of a click the key that events tell.
        package var key: String
        package var url: String
        package var appID: String
        package var path: String
        package var buttons: [Button]

        package init(
            name: String, kind: Kind, key: String = "", url: String = "", appID: String = "", path: String = "",
            buttons: [Button] = []
        ) {
            self.name = name
            self.kind = kind
            self.key = key
            self.url = url
            self.appID = appID
            self.path = path
            self.buttons = buttons
        }
    }

    package var buttons: [Button]

    package static let buttonsMax = 3
    package static let innerMax = 5
    private static let nameBytes = 16
    private static let innerNameBytes = 60
    private static let keyBytes = 128
    private static let urlBytes = 1_024

    package init(buttons: [Button] = []) {
        self.buttons = buttons
    }

    /// Throws: `ProviderError.badField` naming the button: `button.1`, `button.2.3`.
    package func validate() throws {
        guard (1...Self.buttonsMax).contains(buttons.count) else { throw ProviderError.badField("buttons") }
        for (place, button) in buttons.enumerated() {
            let name = "button.\(place + 1)"
            try Self.validate(button, name, nameBytes: Self.nameBytes)
            guard button.kind == .group else { continue }
            guard (1...Self.innerMax).contains(button.buttons.count) else { throw ProviderError.badField(name) }
            for (inner, other) in button.buttons.enumerated() {
                guard other.kind != .group else { throw ProviderError.badField("\(name).\(inner + 1)") }
                try Self.validate(other, "\(name).\(inner + 1)", nameBytes: Self.innerNameBytes)
            }
        }
    }

    private static func validate(_ button: Button, _ place: String, nameBytes: Int) throws {
        let isURL = { (text: String) in
            text.utf8.count <= urlBytes && OutgoingAddress(text.prefix { $0 != "#" }.description) != nil
        }
        let isGood =
            switch button.kind {
            case .click: (1...keyBytes).contains(button.key.utf8.count)
            case .view: isURL(button.url)
            case .miniprogram: !button.appID.isEmpty && !button.path.isEmpty && isURL(button.url)
            case .group: true
            }
        guard (1...nameBytes).contains(button.name.utf8.count), isGood else { throw ProviderError.badField(place) }
    }

    // MARK: As WeChat has it

    /// Of `menu/get`, `get_current_selfmenu_info` or `menu/create`.
    package init(json: JSONValue) {
        let rows = json["button"]?.arrayValue ?? []
        buttons = rows.prefix(Self.buttonsMax).map(Self.button)
    }

    private static func button(_ json: JSONValue) -> Button {
        let word = { (name: String) in json[name]?.stringValue ?? "" }
        let inner = json["sub_button"]?.arrayValue ?? json["sub_button"]?["list"]?.arrayValue ?? []
        let kind = inner.isEmpty ? Kind(rawValue: word("type")) ?? .click : .group
        return Button(
            name: word("name"), kind: kind, key: word("key"), url: word("url"), appID: word("appid"),
            path: word("pagepath"), buttons: inner.prefix(innerMax).map(button))
    }

    package var json: JSONValue { ["button": .array(buttons.map(Self.json))] }

    private static func json(_ button: Button) -> JSONValue {
        let name = JSONValue.string(button.name)
        switch button.kind {
        case .click: return ["type": "click", "name": name, "key": .string(button.key)]
        case .view: return ["type": "view", "name": name, "url": .string(button.url)]
        case .miniprogram:
            return [
                "type": "miniprogram", "name": name, "url": .string(button.url), "appid": .string(button.appID),
                "pagepath": .string(button.path),
            ]
        case .group: return ["name": name, "sub_button": .array(button.buttons.map(json))]
        }
    }

    // MARK: At WeChat

    private static let noMenu = "46003"

    /// The menu that followers see; without buttons: there is none. Throws: `ProviderError`, `StorageError`.
    package static func fetch(_ catalog: ProviderCatalog, _ platform: Platform) async throws -> WeChatMenu {
        let api = try await api(catalog, platform)
        do {
            let found = try await api.asked("/cgi-bin/menu/get", method: "GET")
            return WeChatMenu(json: found["menu"] ?? [:])
        } catch ProviderError.refused(code: noMenu, _) {
            return WeChatMenu()
        }
    }

    /// Puts it in place of the one before; followers see it within a day. Throws: `ProviderError`, `StorageError`.
    package func publish(by actor: String, _ catalog: ProviderCatalog, _ platform: Platform) async throws {
        try validate()
        let api = try await Self.api(catalog, platform)
        _ = try await api.asked("/cgi-bin/menu/create", json: json)
        let now = platform.effects.now()
        try await platform.store.write { connection in
            try AuditLog.append(
                actor: actor, action: "wechat_menu.publish", subject: "wechat_menu", detail: "", connection, at: now)
        }
    }

    private static func api(_ catalog: ProviderCatalog, _ platform: Platform) async throws -> WeChatAPI {
        let (provider, account, line) = try await catalog.line(WeChatOfficialAccount.providerName, platform)
        guard let driver = provider as? WeChatOfficialAccount, account.isComplete(driver) else {
            throw ProviderError.notSetUp
        }
        return driver.api(line)
    }
}
