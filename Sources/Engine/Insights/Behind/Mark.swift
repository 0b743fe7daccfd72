import Science

/// Something on a screen that stands for people: a figure, a cell, a flow, a sentence.
///
/// A mark says exactly whom it counts, so that the people behind it are as many as it says; docs/metrics.md defines it.
package enum Mark: Sendable, Equatable {
    /// Figures of the overview, in days of the workspace's calendar.
    case people(through: Int64)
    case new(ReportPeriod)
    case identified(through: Int64)
    case active(ReportPeriod)
    case buyers(ReportPeriod)
    case repeatBuyers(ReportPeriod)
    /// Sentences of what changed lately.
    case firstSeen(Range<Timestamp>)
    case ordered(Range<Timestamp>)
    case merged(since: Timestamp)
    case conflicts(since: Timestamp)
    /// People in a stage; nil: now.
    case stage(LifecycleStage, at: Timestamp?)
    /// People in a stage as the rhythm learnt up to a day puts them, worked out from the orders.
    case reckoned(LifecycleStage, asOf: Int64)
    /// People by their stage at two moments; nil: any stage at the start.
    case moved(from: LifecycleStage?, to: LifecycleStage, since: Timestamp, until: Timestamp)
    /// People whom a published lifecycle model moved; nil: no stage was known.
    case model(version: Int64, from: LifecycleStage?, to: LifecycleStage)
    /// A cell, a class or everybody of a computation.
    case rfm(RFMSelection, RFMSettings, asOf: Int64)
    /// A figure or cell of a report of `ReportCatalog`, with what was asked of it.
    case report(String, values: [String: String], ReportPlace)
    /// Who met a variant of an experiment, or did what it measures.
    case experiment(ExperimentPeople)
    /// Whom a variant of a template was sent to, or who of them did what counts.
    case variant(VariantPeople)
    /// Whom a journey, a broadcast or a benefit reached or kept apart, or who of them did what counts.
    case reach(ReachPeople)
    /// Who came by a channel code, or did what is counted for it.
    case channel(ChannelCodePeople)
    /// People by their class on two days; nil: no order in the window.
    case rfmMoved(from: String?, to: String?, RFMSettings, start: Int64, end: Int64)
}
