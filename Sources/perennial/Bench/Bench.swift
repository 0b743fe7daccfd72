import ArgumentParser

/// `perennial bench`: measures an installation under load.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a running server under load, or a computation beside a peer.",
        discussion: """
            `make bench` runs everything that docs/benchmarks.md reports.

            EXAMPLES
              perennial bench ingest --rate 20000 --duration 60
              perennial bench ingest --rate 0 --connections 16      as fast as the server answers
              perennial bench rfm --data /tmp/bench --make          then without --make
              perennial bench points                                redemptions and awards beside the bare store
              perennial bench segments                              one person against 200 definitions
              perennial bench coupons --data /tmp/bench             a million codes, carts against 200 coupons
              perennial bench till --data /tmp/till                 quotes against 200 coupons and 50 rules
              perennial bench tiers --data /tmp/tiers --make        then without --make
              perennial bench journeys                              steps of people through a journey
              perennial bench broadcast                             a million people planned and held against the policy
              perennial bench mail --port 2525                      letters beside libcurl alone
              perennial bench base --data /tmp/bench                1 M people and 20 M events to look at
            """,
        subcommands: [
            BenchIngest.self, BenchRFM.self, BenchPoints.self, BenchSegments.self, BenchCoupons.self, BenchTill.self,
            BenchTiers.self, BenchJourneys.self, BenchBroadcast.self, BenchMail.self, BenchBase.self,
        ])
}
