import Engine
import Hummingbird

/// Collection: what clients send becomes events in the log, whatever dialect they speak.
///
/// Invariants of this room:
/// - A request is answered with success only when `append` has returned, which means fsynced.
/// - A bad event never rejects its batch: it goes to quarantine with its raw bytes and a reason.
/// - What a dialect does with bytes is a pure function; only the handlers read clocks and stores.
///
/// A new dialect is one folder with one line here.
package enum CollectorCatalog {
    package static let dialects: [CollectorDialect] = [
        SegmentCollector.dialect,
        SensorsCollector.dialect,
        PostHogCollector.dialect,
        MixpanelCollector.dialect,
        SnowplowCollector.dialect,
        MatomoCollector.dialect,
        UmamiCollector.dialect,
        TrackerCollector.dialect,
        NativeCollector.dialect,
    ]

    /// The collector that can read a quarantined item again; `segment:track` names the call it came by.
    package static func dialect(named name: String) -> CollectorDialect? {
        dialects.first { name == $0.name || name.hasPrefix($0.name + ":") }
    }
}

/// One way in which clients write events.
package struct CollectorDialect: Sendable {
    package var name: String
    /// Registers the paths of the dialect.
    var add: @Sendable (Router<WebContext>, CollectContext) -> Void
    /// Reads one quarantined item or body again. The name carries the call it came by.
    package var read: @Sendable (_ raw: [UInt8], _ name: String, _ moment: CollectMoment) -> CollectedBatch
}

/// Registers every collector.
package struct CollectRoutes: Sendable {
    private let context: CollectContext

    package init(context: CollectContext) {
        self.context = context
    }

    package func add(to router: Router<WebContext>) {
        for dialect in CollectorCatalog.dialects { dialect.add(router, context) }
    }
}
