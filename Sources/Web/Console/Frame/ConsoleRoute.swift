import Engine

/// One line of the `ConsoleCatalog`.
package struct ConsoleRoute: Sendable {
    package enum Kind: Sendable, Equatable {
        /// A whole page, opened by its address.
        case page
        /// A piece that a page loads after itself.
        case panel
        /// A change: a form that is posted.
        case action
        /// A change whose body is a file.
        case upload
    }

    package typealias Handler = @Sendable (PageRequest) async throws -> Reply

    package let kind: Kind
    /// `/people/{id}`.
    package let path: String
    package let permission: Permission
    package let navigation: Navigation?
    package let handler: Handler
    package var changes: Bool { kind == .action || kind == .upload }

    /// Where a page stands in the menu.
    package struct Navigation: Sendable {
        package enum Group: String, Sendable, CaseIterable {
            case today, insight, people, loyalty, reach, prove, data, setup
        }
        package let group: Group
        package let titleKey: String
        package let icon: String
    }

    /// A page that stands in the menu.
    static func page(
        _ path: String, _ permission: Permission, _ group: Navigation.Group, _ titleKey: String, icon: String,
        _ handler: @escaping Handler
    ) -> ConsoleRoute {
        ConsoleRoute(
            kind: .page, path: path, permission: permission,
            navigation: Navigation(group: group, titleKey: titleKey, icon: icon), handler: handler)
    }

    /// A page that is reached from another.
    static func page(_ path: String, _ permission: Permission, _ handler: @escaping Handler) -> ConsoleRoute {
        ConsoleRoute(kind: .page, path: path, permission: permission, navigation: nil, handler: handler)
    }

    static func panel(_ path: String, _ permission: Permission, _ handler: @escaping Handler) -> ConsoleRoute {
        ConsoleRoute(kind: .panel, path: path, permission: permission, navigation: nil, handler: handler)
    }

    static func action(_ path: String, _ permission: Permission, _ handler: @escaping Handler) -> ConsoleRoute {
        ConsoleRoute(kind: .action, path: path, permission: permission, navigation: nil, handler: handler)
    }

    static func upload(_ path: String, _ permission: Permission, _ handler: @escaping Handler) -> ConsoleRoute {
        ConsoleRoute(kind: .upload, path: path, permission: permission, navigation: nil, handler: handler)
    }
}
