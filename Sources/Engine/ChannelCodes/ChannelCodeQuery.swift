import Storage

/// Reads what came by channel codes, and what these people bought, from the analytics store.
struct ChannelCodeQuery {
    let period: ReportPeriod

    static let limits = QueryLimits(seconds: 60)
    static let scanned = "Channel Code Scanned"
    static let visited = "Session Started"

    /// Rows of `person`, `code`, `name`, `ts`, `on_day`: events that carry a code, each under the person it belongs to now.
    var visits: AnalyticsSQL {
        """
        SELECT if(a.winner_id = 0, e.profile_id, a.winner_id) AS person, e.code AS code, e.name AS name, e.ts AS ts,
            e.on_day AS on_day
        FROM (SELECT profile_id, visitParamExtractString(context, 'channelCode') AS code, name, ts, toInt64(d) AS on_day
            FROM events WHERE position(context, '"channelCode":"') > 0
            AND profile_id != 0 AND d >= toDate(\(period.firstText)) AND d <= toDate(\(period.lastText))) AS e
        ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases FINAL) AS a USING profile_id
        """
    }

    /// Rows of `person`, `origin`, `first`: the code that brought each first in the period, and when.
    var origins: AnalyticsSQL {
        "SELECT person, argMin(code, ts) AS origin, min(ts) AS first FROM (\(visits)) GROUP BY person"
    }

    /// Rows of `person`, `ts`, `on_day`, `net`: the orders up to the period's end.
    var orders: AnalyticsSQL {
        """
        SELECT profile_id AS person, ts, toInt64(d) AS on_day, net FROM \(OrderFacts.source)
        WHERE \(OrderFacts.condition) AND d <= toDate(\(period.lastText))
        """
    }
}
