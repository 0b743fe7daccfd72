import Engine
import Storage

/// Who carries messages, channel by channel.
struct ProvidersModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var lead: String
        var channel: String
        var state: String
        var tone: String
    }

    var rows: [Row]
}

enum ProvidersPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let providers = request.console.configuration.providers.providers
        let now = request.now
        let found = try await request.platform.store.read { connection in
            try providers.map { provider in
                (
                    provider, try ProviderAccount.load(provider, connection),
                    try ProviderGates.load(provider, at: now, connection)
                )
            }
        }
        let rows = found.map { provider, account, gates in
            let (state, tone) =
                !account.isEnabled
                ? ("off", "") : gates.isEmpty ? ("on", "chip-good") : ("closed", "chip-bad")
            return ProvidersModel.Row(
                href: "/sending/providers/\(provider.name)", name: request.text("provider.name_\(provider.name)"),
                lead: request.text("provider.lead_\(provider.name)"),
                channel: request.text("message.channel_\(provider.channel)"),
                state: request.text("provider.state_\(state)"), tone: tone)
        }
        return .page(
            Page(
                "sending/providers", title: request.text("provider.title"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: ProvidersModel(rows: rows)))
    }
}
