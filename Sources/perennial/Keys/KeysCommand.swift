import ArgumentParser

/// `perennial keys`: sources with their write keys, and secret keys of the API.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "List, create, rotate and revoke write keys of sources and secret keys of the API.",
        discussion: """
            Works beside a running server, which follows within two seconds. A write key (wk_…) identifies a source and
            ships in pages and apps; a secret key (pk_…) opens the API and is shown once.

            EXAMPLES
              perennial keys list
              perennial keys source "Web shop" --kind web       a source with its first write key
              perennial keys rotate "Web shop"                  a second write key, beside the first
              perennial keys revoke wk_0123…                    ends the first, when clients have moved
              perennial keys api "Warehouse" --scope profiles:read --scope events:write
            """,
        subcommands: [List.self, NewSource.self, Rotate.self, NewAPIKey.self, Revoke.self])
}
