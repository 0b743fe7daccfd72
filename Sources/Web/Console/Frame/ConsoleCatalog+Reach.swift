import Engine

extension ConsoleCatalog {
    /// One journey, tasks, and what reaching people came to.
    static let reach: [ConsoleRoute] = [
        .panel("/people/{person}/journeys", .readJourneys, JourneyRunsPage.ofPerson),
        .page("/journeys/{journey}", .readJourneys, JourneyPage.show),
        .page("/journeys/{journey}/edit", .manageJourneys, JourneyFormPage.edit),
        .action("/journeys/{journey}", .manageJourneys, JourneyFormPage.update),
        .page("/journeys/{journey}/publish", .manageJourneys, JourneyPublishPage.show),
        .action("/journeys/{journey}/publish", .manageJourneys, JourneyPublishPage.publish),
        .action("/journeys/{journey}/undo", .manageJourneys, JourneyPage.undo),
        .panel("/journeys/{journey}/effect", .readJourneys, ReachPanel.journey),
        .action("/journeys/{journey}/pause", .manageJourneys, JourneyPage.pause),
        .action("/journeys/{journey}/resume", .manageJourneys, JourneyPage.resume),
        .action("/journeys/{journey}/end", .manageJourneys, JourneyPage.end),
        .action("/journeys/{journey}/delete", .manageJourneys, JourneyPage.delete),
        .panel("/journeys/{journey}/trial", .readJourneys, JourneyTrialPanels.attempt),
        .panel("/journeys/{journey}/dry-run", .readJourneys, JourneyDryRunPanel.show),
        .panel("/journeys/{journey}/why", .readJourneys, JourneyTrialPanels.why),
        .page("/journeys/{journey}/runs", .readJourneys, JourneyRunsPage.show),
        .page("/journeys/{journey}/runs/{run}", .readJourneys, JourneyRunsPage.one),
        .action("/journeys/{journey}/runs/{run}/retry", .manageJourneys, JourneyRunsPage.retry),
        .action("/journeys/{journey}/runs/{run}/remove", .manageJourneys, JourneyRunsPage.remove),

        .page("/tiers/levels/{tier}/benefits/{benefit}", .readLoyalty, BenefitEffectPage.show),
        .panel("/tiers/levels/{tier}/benefits/{benefit}/effect", .readLoyalty, ReachPanel.benefit),
        .panel("/templates/{template}/variants", .readMessages, TemplateVariantsPanel.show),
        .panel("/templates/{template}/variants/effect", .readMessages, VariantEffectPanel.show),
        .panel("/people/{person}/messages", .readMessages, PersonMessages.panel),
        .panel("/people/{person}/why", .readMessages, PersonMessages.why),
        .action("/tasks/{task}/closure", .managePeople, TasksPage.close),
        .panel("/broadcasts/{broadcast}/effect", .readMessages, ReachPanel.broadcast),
        .page("/sending/costs", .manageWorkspace, ReachCostsPage.show),
        .action("/sending/costs", .manageWorkspace, ReachCostsPage.save),
    ]
}
