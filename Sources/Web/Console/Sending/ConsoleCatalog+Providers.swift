extension ConsoleCatalog {
    /// The pages of who carries messages.
    static let providers: [ConsoleRoute] = [
        .page("/sending/providers", .manageWorkspace, ProvidersPage.show),
        .page("/sending/providers/{provider}", .manageWorkspace, ProviderPage.show),
        .action("/sending/providers/{provider}", .manageWorkspace, ProviderPage.save),
        .action("/sending/providers/{provider}/check", .manageWorkspace, ProviderPage.check),
        .action("/sending/providers/{provider}/trial", .manageWorkspace, ProviderPage.trial),
        .action("/sending/providers/{provider}/open", .manageWorkspace, ProviderPage.open),
        .action("/sending/providers/{provider}/fetch", .manageWorkspace, ProviderPage.fetch),
        .action("/sending/providers/{provider}/templates", .manageWorkspace, ProviderPage.submit),
        .page(WeChatMenuPage.path, .manageWorkspace, WeChatMenuPage.show),
        .action(WeChatMenuPage.path, .manageWorkspace, WeChatMenuPage.publish),
        .page("/sending/wecom-tasks", .manageWorkspace, WeComTasksPage.show),
    ]
}
