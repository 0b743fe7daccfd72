import Engine

/// What the command palette offers to do: each opens the page, or the dialog on it, where it is done.
///
/// To add one: a line below with texts that are there already.
struct PaletteAction: Encodable, Sendable {
    var title: String
    /// The page it belongs to, beside the title.
    var place: String
    var href: String

    private struct Entry: Sendable {
        var title: String
        var place: String
        /// After the number sign the dialog that opens with the page.
        var href: String
        var permission: Permission

        init(_ title: String, _ place: String, _ href: String, _ permission: Permission) {
            self.title = title
            self.place = place
            self.href = href
            self.permission = permission
        }
    }

    private static let entries: [Entry] = [
        Entry("segment.new", "segment.title", "/segments/new", .manageSegments),
        Entry("tag.new", "tag.title", "/tags/new", .manageSegments),
        Entry("score.new", "score.title", "/scores/new", .manageSegments),
        Entry("points.new_currency", "points.currencies", "/points/currencies/new", .manageLoyalty),
        Entry("experiment.new", "experiment.title", "/experiments/new", .manageExperiments),
        Entry("reward.new", "reward.title", "/rewards/new", .manageLoyalty),
        Entry("exports.export", "people.title", "/people#export", .exportPeople),
        Entry("imports.new", "imports.title", "/imports", .importData),
        Entry("sources.add", "sources.title", "/sources#add", .manageSources),
        Entry("channels.add", "channels.title", "/channels#add", .manageChannels),
        Entry("catalogue.new_event", "catalogue.title", "/catalogue#new-event", .manageCatalogue),
        Entry("settings.invite", "settings.users", "/settings/users#invite", .manageUsers),
        Entry("settings.key_make", "settings.keys", "/settings/keys#make", .manageSources),
        Entry("account.theme", "account.preferences", "/account", .ownAccount),
        Entry("account.two_factor", "account.preferences", "/account/two-factor", .ownAccount),
    ]

    /// What this role may do.
    static func all(for role: Role, _ wording: Wording) -> [PaletteAction] {
        entries.filter { role.may($0.permission) }.map {
            PaletteAction(title: wording.text($0.title), place: wording.text($0.place), href: $0.href)
        }
    }
}
