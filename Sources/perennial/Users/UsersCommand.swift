import ArgumentParser

/// `perennial users`: who may sign in to the console.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "List, invite and change the people who may sign in.",
        discussion: """
            Works beside a running server. Roles: admin, marketer, analyst, service, viewer.

            EXAMPLES
              perennial users list
              perennial users create ann@example.com --name Ann --role marketer
              perennial users link ann@example.com        a new one-time sign-in link
              perennial users role ann@example.com analyst
              perennial users disable ann@example.com
              perennial users reset-two-factor ann@example.com
            """,
        subcommands: [
            List.self, Create.self, Link.self, ChangeRole.self, Disable.self, Enable.self, ResetTwoFactor.self,
        ])
}
