/// How large journeys may be, and how fast they go.
package enum JourneyLimits {
    package static let journeys = 300
    package static let nameCharacters = 80
    package static let descriptionCharacters = 500
    package static let bytes = 131_072
    package static let nodes = 150
    package static let paths = 12
    package static let depth = 12
    package static let idBytes = 40
    package static let waitDays: Int64 = 730
    package static let points: Int64 = 1_000_000
    /// Points or coupons that one node may give in all.
    package static let budget: Int64 = 1_000_000_000_000
    /// What a run carries along.
    static let valueBytes = 60_000
    /// Nodes that one step passes; beyond, the run goes on in the next one.
    static let nodesPerStep = 50
    /// Runs of one transaction.
    static let runsPerStep = 200
    /// Rows of the log that one transaction reads.
    static let logRows: Int64 = 5_000
    /// People that one transaction of a sweep looks at.
    static let sweptPeople = 1_000
    /// Days that a sweep makes good after a standstill; what is older is not sent to anybody any more.
    static let sweptDays: Int64 = 2
    /// Events kept of one run.
    static let inputs = 200
    /// Steps a second of one process: what a standstill left is caught up without a flood.
    static let runsPerSecond: Int64 = 5_000
    /// Times that a run is tried before it is set aside.
    static let attempts: Int64 = 3
    static let retryMilliseconds: Int64 = 30_000
    package static let pageRows = 50
    /// Nodes that a trial walks.
    static let trialNodes = 200
    static let dryRunEvents: Int64 = 200_000
    /// People and entries that a dry run walks through the draft; of more it takes a sample by chance.
    static let dryRunPeople = 5_000
    static let dryRunWalks = 20_000
    /// People that it reads at once, and how long it goes on reading more of them.
    static let dryRunChunk = 250
    static let dryRunSeconds: Int64 = 20
    package static let dryRunDays: Int64 = 90
}
