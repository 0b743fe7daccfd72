import Engine

extension ConsoleCatalog {
    package static let routes = rooms + reach + pools + providers

    /// Households: on the account's page, and the pool's own.
    static let pools: [ConsoleRoute] = [
        .action("/members/{member}/pool", .manageMembers, PoolActions.create),
        .action("/members/{member}/pool/contributions", .manageMembers, PoolActions.put),
        .action("/members/{member}/pool-invitations/{invitation}/acceptance", .manageMembers, PoolActions.accept),
        .action("/members/{member}/pool-invitations/{invitation}/refusal", .manageMembers, PoolActions.refuse),
        .page("/points/pools/{pool}", .readLoyalty, PoolPage.show),
        .page("/points/pools/{pool}/statement.json", .readLoyalty, PoolPage.download),
        .action("/points/pools/{pool}/invitations", .manageMembers, PoolActions.invite),
        .action("/points/pools/{pool}/invitations/{invitation}/withdrawal", .manageMembers, PoolActions.withdraw),
        .action("/points/pools/{pool}/members/{member}", .manageMembers, PoolActions.change),
        .action("/points/pools/{pool}/members/{member}/departure", .manageMembers, PoolActions.leave),
        .action("/points/pools/{pool}/dissolution", .manageMembers, PoolActions.dissolve),
    ]
}
