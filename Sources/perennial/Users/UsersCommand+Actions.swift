import ArgumentParser
import Engine
import Storage

/// Who the audit log names for changes made at the command line.
let commandLineActor = "command-line"

extension UsersCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List everyone who may sign in.")

        @OptionGroup var options: PlatformOptions

        func run() async throws {
            let users = try await options.withPlatform(analytics: .none) { platform in
                try await platform.store.read { try Users.list($0) }
            }
            var table = TextTable("EMAIL", "NAME", "ROLE", "STATE")
            for user in users {
                let state = user.disabledAt != nil ? "disabled" : user.hasPassword ? "active" : "invited"
                table.add(user.email, user.name, user.role.rawValue, state)
            }
            table.print()
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add someone and print a one-time sign-in link.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The email address, which is also the sign-in name.")
        var email: String
        @Option(help: "The name to show; by default what stands before the @.")
        var name = ""
        @Option(help: "admin, marketer, analyst, service or viewer.")
        var role: String
        @Option(help: "zh-Hans or en.")
        var language = "zh-Hans"

        func run() async throws {
            let role = try parsed(role: role)
            let configuration = try await options.loadConfiguration()
            let link = try await configuration.withPlatform(analytics: .none) { platform in
                try await explained {
                    try await platform.store.write { connection in
                        let user = try Users.create(
                            email: email, name: name, role: role, language: language, by: commandLineActor, connection,
                            platform.effects)
                        return try Users.oneTimeLink(
                            for: user.id, purpose: .invitation, connection, platform.effects)
                    }
                }
            }
            print("Added \(email). Sign-in link (once, for \(AccountLimits.invitationDays) days):")
            print(configuration.address + link.path)
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new one-time sign-in link: for a forgotten password.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The email address.")
        var email: String

        func run() async throws {
            let configuration = try await options.loadConfiguration()
            let link = try await configuration.withPlatform(analytics: .none) { platform in
                try await explained {
                    try await platform.store.write { connection in
                        let user = try existing(email, connection)
                        return try Users.oneTimeLink(
                            for: user.id, purpose: .passwordReset, connection, platform.effects)
                    }
                }
            }
            print(configuration.address + link.path)
        }
    }

    struct ChangeRole: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "role", abstract: "Give someone another role.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The email address.")
        var email: String
        @Argument(help: "admin, marketer, analyst, service or viewer.")
        var role: String

        func run() async throws {
            let role = try parsed(role: role)
            try await change(options, email) { user, connection, now in
                try Users.change(role: role, of: user.id, by: commandLineActor, connection, at: now)
            }
            print("\(email) is now \(role.rawValue).")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep someone out and end their sessions.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The email address.")
        var email: String

        func run() async throws {
            try await change(options, email) { user, connection, now in
                try Users.change(disabled: true, of: user.id, by: commandLineActor, connection, at: now)
            }
            print("\(email) is disabled.")
        }
    }

    struct ResetTwoFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-two-factor",
            abstract: "End someone's second factor: for a lost phone, or a lost sealing key.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The email address.")
        var email: String

        func run() async throws {
            try await change(options, email) { user, connection, now in
                try TwoFactor.turnOff(user.id, by: commandLineActor, connection, at: now)
            }
            print("\(email) signs in without a second factor until a new one is set up.")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled person in again.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The email address.")
        var email: String

        func run() async throws {
            try await change(options, email) { user, connection, now in
                try Users.change(disabled: false, of: user.id, by: commandLineActor, connection, at: now)
            }
            print("\(email) is enabled.")
        }
    }
}

private func change(
    _ options: PlatformOptions, _ email: String,
    _ body: @escaping @Sendable (User, any SQLConnection, Timestamp) throws -> Void
) async throws {
    try await options.withPlatform(analytics: .none) { platform in
        try await explained {
            try await platform.store.write { connection in
                try body(existing(email, connection), connection, platform.effects.now())
            }
        }
    }
}

private func existing(_ email: String, _ connection: any SQLConnection) throws -> User {
    guard let user = try Users.find(email: email, connection) else { throw AccountError.unknownUser }
    return user
}

private func parsed(role: String) throws -> Role {
    guard let role = Role(rawValue: role) else {
        throw CommandFailure(
            "“\(role)” is not a role.", remedy: "Roles are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return role
}

/// Says an account error in words for the terminal.
private func explained<T>(_ body: () async throws -> T) async throws -> T {
    do {
        return try await body()
    } catch let error as AccountError {
        switch error {
        case .badEmail(let email):
            throw CommandFailure("“\(email)” is not an email address.", remedy: "Write it as name@example.com.")
        case .emailTaken(let email):
            throw CommandFailure(
                "\(email) may sign in already.", remedy: "`perennial users link \(email)` gives a new link.")
        case .unknownUser:
            throw CommandFailure("Nobody has this address.", remedy: "`perennial users list` shows everyone.")
        case .lastAdministrator:
            throw CommandFailure(
                "This is the last administrator.", remedy: "Make somebody else an administrator first.")
        default:
            throw CommandFailure("The change was refused: \(error).", remedy: "See `perennial help users`.")
        }
    }
}
