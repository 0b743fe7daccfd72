/// Every endpoint, a line a group. A new group is one file with `static let routes: [APIRoute]` and one line here.
package enum APICatalog {
    package static let routes: [APIRoute] =
        EventEndpoints.routes
        + ReceiptEndpoints.routes
        + QuarantineEndpoints.routes
        + ProfileEndpoints.routes
        + MergeEndpoints.routes
        + UnlinkEndpoints.routes
        + SegmentEndpoints.routes
        + TagEndpoints.routes
        + ProfileTagEndpoints.routes
        + ScoreEndpoints.routes
        + MemberEndpoints.routes
        + CentreEndpoints.routes
        + ProgramEndpoints.routes
        + ProgramTrialEndpoints.routes
        + EarningEndpoints.routes
        + PointsCurrencyEndpoints.routes
        + PointsCommandEndpoints.routes
        + ApprovalEndpoints.routes
        + RewardEndpoints.routes
        + RewardClaimEndpoints.routes
        + LiabilityEndpoints.routes
        + TierEndpoints.routes
        + MemberTierEndpoints.routes
        + BenefitEndpoints.routes
        + CouponDefinitionEndpoints.routes
        + CouponBatchEndpoints.routes
        + CouponEndpoints.routes
        + CouponOrderEndpoints.routes
        + TillEndpoints.routes
        + ExperimentEndpoints.routes
        + HoldoutEndpoints.routes
        + OrderEndpoints.routes
        + ViewEndpoints.routes
        + ExportEndpoints.routes
        + CatalogueEndpoints.routes
        + InsightEndpoints.routes
        + ReportEndpoints.routes
        + DashboardEndpoints.routes
        + PersonTouchpointEndpoints.routes
        + HeatmapPictureEndpoints.routes
        + ImportEndpoints.routes
        + JobEndpoints.routes
        + SourceEndpoints.routes
        + ChannelCodeEndpoints.routes
        + TrafficEndpoints.routes
        + APIKeyEndpoints.routes
        + WebhookEndpoints.routes
        + WebhookDeliveryEndpoints.routes
        + SegmentPushEndpoints.routes
        + SegmentFileEndpoints.routes
}
