/// The handlers that a process can run, by kind.
package struct JobCatalog: Sendable {
    package let handlers: [String: JobHandler]

    package init(_ handlers: [JobHandler]) {
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }, uniquingKeysWith: { _, later in later })
    }

    package var kinds: [String] { handlers.keys.sorted() }

    /// The handlers of this room's neighbours; a feature with jobs adds its line here.
    package static let all = JobCatalog([
        AccountRetention.handler,
        AuditVerification.handler,
        BroadcastPlanning.handler,
        CouponBatchJob.handler,
        CouponClock.handler,
        CouponSegmentIssue.handler,
        DataRetention.handler,
        ErasureSweep.handler,
        ExportJob.handler,
        ExportJob.retention,
        ImportJob.handler,
        JobRetention.handler,
        ExperimentBandit.handler,
        JourneyFill.handler,
        JourneyRefunds.handler,
        JourneyRetention.handler,
        JourneyWatch.handler,
        LogRetention.handler,
        MessageRetention.handler,
        MirrorFill.handler,
        OptInKeeping.handler,
        LifecycleRefresh.handler,
        DormantAction.handler,
        PointsClock.handler,
        PointsHeads.handler,
        PoolShares.handler,
        ProgramTrialJob.handler,
        RFMRefresh.handler,
        StageSweep.handler,
        BenefitClock.handler,
        BenefitCoupons.handler,
        TierBuild.handler,
        TierBuild.nightly,
        TierClock.handler,
        TierPreview.handler,
        TierRanking.handler,
        SegmentBuild.handler,
        PersonRefill.handler,
        SegmentSweep.handler,
        ScoreBuild.handler,
        ScoreSweep.handler,
        TagBuild.handler,
        TagSweep.handler,
        TagBulk.handler,
        TagMerge.handler,
        WebhookPushes.handler,
        WebhookRetention.handler,
        WebhookRetention.clearer,
    ])
}
