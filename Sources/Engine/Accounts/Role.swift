/// What a person who signs in is there for. Who may do what follows from the role alone.
package enum Role: String, Sendable, Codable, CaseIterable {
    case admin, marketer, analyst, service, viewer

    /// The one place that says what each role may do.
    package var permissions: Set<Permission> {
        switch self {
        case .admin:
            return Set(Permission.allCases)
        case .marketer:
            return Role.everyReader.union([
                .managePeople, .manageSegments, .exportPeople, .importData, .replayEvents, .manageCatalogue,
                .manageLifecycle, .readSources, .readStatus, .manageChannels, .manageLoyalty, .manageMembers,
                .approveLoyalty, .manageExperiments, .manageMessages, .manageJourneys,
            ])
        case .analyst:
            return Role.everyReader.union([
                .manageSegments, .exportPeople, .manageCatalogue, .readSources, .readStatus, .manageExperiments,
            ])
        case .service:
            return [
                .ownAccount, .readOverview, .readPeople, .managePeople, .readOrders, .readEvents, .readLoyalty,
                .manageMembers, .readMessages, .readJourneys,
            ]
        case .viewer:
            return Role.everyReader
        }
    }

    package func may(_ permission: Permission) -> Bool {
        permissions.contains(permission)
    }

    private static let everyReader: Set<Permission> = [
        .ownAccount, .readOverview, .readPeople, .readOrders, .readEvents, .readCatalogue, .readInsights, .readLoyalty,
        .readMessages, .readJourneys,
    ]
}

/// One thing that a page or an action of the console needs to be allowed.
package enum Permission: String, Sendable, Codable, CaseIterable {
    /// One's own language, theme, password and sessions.
    case ownAccount = "own_account"
    case readOverview = "read_overview"
    case readPeople = "read_people"
    /// Undo a merge, erase or export one person.
    case managePeople = "manage_people"
    case exportPeople = "export_people"
    case manageSegments = "manage_segments"
    case readOrders = "read_orders"
    case readEvents = "read_events"
    case replayEvents = "replay_events"
    case readCatalogue = "read_catalogue"
    case manageCatalogue = "manage_catalogue"
    case readInsights = "read_insights"
    case manageLifecycle = "manage_lifecycle"
    case importData = "import_data"
    case readSources = "read_sources"
    case manageSources = "manage_sources"
    /// Channel codes and the sites they may lead to.
    case manageChannels = "manage_channels"
    case readLoyalty = "read_loyalty"
    /// What the loyalty program is made of: currencies, rules, tiers, coupons, rewards.
    case manageLoyalty = "manage_loyalty"
    /// One member's own: enrol, give and take by hand, serve a reward.
    case manageMembers = "manage_members"
    /// Decide what another asked for.
    case approveLoyalty = "approve_loyalty"
    /// Define, start, stop and decide experiments; set the global holdout.
    case manageExperiments = "manage_experiments"
    /// Templates, broadcasts, and what was sent to whom.
    case readMessages = "read_messages"
    /// Write templates and send.
    case manageMessages = "manage_messages"
    case readJourneys = "read_journeys"
    /// Draw, publish, pause and end journeys.
    case manageJourneys = "manage_journeys"
    case readStatus = "read_status"
    case manageWorkspace = "manage_workspace"
    case manageUsers = "manage_users"
    case readAudit = "read_audit"
}
