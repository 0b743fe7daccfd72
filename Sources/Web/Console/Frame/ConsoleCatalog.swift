import Engine

/// Every page, panel and change of the console: its address, who may, where it stands in the menu, and what answers.
///
/// To add a page: a page model and a handler in `Console/<Feature>/`, a template, its texts, and one line here.
package enum ConsoleCatalog {
    package static let routes: [ConsoleRoute] = [
        .panel("/palette", .readOverview, Palette.search),

        .page("/", .readOverview, .today, "overview.title", icon: "overview", OverviewPage.show),
        .panel("/overview/figures", .readOverview, OverviewPage.figures),
        .panel("/overview/changes", .readOverview, OverviewPage.changes),
        .panel("/overview/stages", .readOverview, StandingPanels.stages),
        .panel("/overview/classes", .readOverview, StandingPanels.classes),

        .page("/people", .readPeople, .people, "people.title", icon: "people", PeoplePage.show),
        .page("/people/{person}", .readPeople, PersonPage.show),
        .panel("/people/{person}/timeline", .readPeople, PersonTimeline.show),
        .panel("/people/{person}/orders", .readOrders, PersonOrders.show),
        .action("/people/{person}/merges/{merge}/undo", .managePeople, PersonPage.undoMerge),
        .action("/people/{person}/unlinks/{unlink}/undo", .managePeople, PersonPage.undoUnlink),
        .page("/orders", .readOrders, .people, "order.title", icon: "orders", OrdersPage.show),
        .page("/orders/{order}", .readOrders, OrdersPage.one),

        .page("/rfm", .readInsights, .people, "rfm.title", icon: "rfm", RFMPage.show),
        .panel("/rfm/result", .readInsights, RFMPage.result),
        .action("/rfm/settings", .manageLifecycle, RFMPage.save),
        .page("/lifecycle", .readInsights, .people, "lifecycle.title", icon: "lifecycle", LifecyclePage.show),
        .panel("/lifecycle/flows", .readInsights, LifecyclePage.flows),
        .panel("/lifecycle/rhythm", .readInsights, LifecyclePage.rhythm),
        .panel("/lifecycle/curves", .readInsights, LifecyclePage.curves),

        .page("/imports", .importData, .data, "imports.title", icon: "imports", ImportsPage.show),
        .upload("/imports/files", .importData, ImportsPage.upload),
        .page("/imports/{import}", .importData, ImportPage.show),
        .action("/imports/{import}/preview", .importData, ImportPage.preview),
        .action("/imports/{import}/start", .importData, ImportPage.start),
        .panel("/imports/{import}/progress", .importData, ImportPage.progress),
        .action("/imports/{import}/cancel", .importData, ImportPage.cancel),
        .page("/imports/{import}/errors", .importData, ImportPage.errors),
        .page("/sources", .readSources, .data, "sources.title", icon: "sources", SourcesPage.show),
        .action("/sources", .manageSources, SourcesPage.create),
        .page("/sources/{source}", .readSources, SourcesPage.one),
        .panel("/sources/{source}/arrival", .readSources, SourcesPage.arrival),
        .action("/sources/{source}/keys", .manageSources, SourcesPage.issueKey),
        .action("/sources/{source}/keys/revoke", .manageSources, SourcesPage.revokeKey),
        .page("/quarantine", .readEvents, .data, "quarantine.title", icon: "quarantine", QuarantinePage.show),
        .page("/quarantine/{item}", .readEvents, QuarantinePage.one),
        .action("/quarantine/{item}/replay", .replayEvents, QuarantinePage.replay),
        .action("/quarantine/{item}/discard", .replayEvents, QuarantinePage.discard),

        .page("/catalogue", .readCatalogue, .data, "catalogue.title", icon: "catalogue", CataloguePage.show),
        .page("/catalogue/event", .readCatalogue, CataloguePage.event),
        .action("/catalogue/events", .manageCatalogue, CataloguePage.declareEvent),
        .action("/catalogue/fields", .manageCatalogue, CataloguePage.declareField),

        .page("/status", .readStatus, .setup, "status.title", icon: "status", StatusPage.show),
        .panel("/status/stores", .readStatus, StatusPage.stores),
        .panel("/status/flow", .readStatus, StatusPage.flow),

        .page("/settings", .manageWorkspace, .setup, "settings.title", icon: "settings", WorkspacePage.show),
        .action("/settings/workspace", .manageWorkspace, WorkspacePage.save),
        .page("/settings/users", .manageUsers, UsersPage.show),
        .action("/settings/users", .manageUsers, UsersPage.invite),
        .action("/settings/users/{user}/link", .manageUsers, UsersPage.makeLink),
        .action("/settings/users/{user}/role", .manageUsers, UsersPage.changeRole),
        .action("/settings/users/{user}/disabled", .manageUsers, UsersPage.changeDisabled),
        .page("/settings/keys", .manageSources, KeysPage.show),
        .action("/settings/keys", .manageSources, KeysPage.create),
        .action("/settings/keys/{key}/revoke", .manageSources, KeysPage.revoke),
        .page("/settings/audit", .readAudit, AuditPage.show),

        .page("/account", .ownAccount, AccountPage.show),
        .action("/account/preferences", .ownAccount, AccountPage.savePreferences),
        .action("/account/password", .ownAccount, AccountPage.changePassword),
        .action("/account/sessions/close", .ownAccount, AccountPage.closeOtherSessions),

        .page("/console/design", .ownAccount, DesignPage.show),
    ]
}
