/// What to paste into a client so that it sends here, for each kind of client that is understood.
enum SourceSnippets {
    static func all(key: String, address: String) -> [SourceModel.Snippet] {
        [
            snippet(
                "curl", "curl",
                """
                curl \(address)/v1/track -u \(key): -H 'Content-Type: application/json' \\
                  -d '{"userId":"u1","event":"Order Completed","properties":{"order_id":"T1","revenue":42.5}}'
                """),
            snippet(
                "segment-js", "Segment · JavaScript",
                """
                analytics.load("\(key)", {
                  integrations: { "Segment.io": { apiHost: "\(host(address))/v1", protocol: "\(scheme(address))" } }
                });
                """),
            snippet(
                "segment-python", "Segment · Python",
                """
                import segment.analytics as analytics
                analytics.write_key = "\(key)"
                analytics.host = "\(address)"
                analytics.track("u1", "Order Completed", {"order_id": "T1", "revenue": 42.5})
                """),
            snippet(
                "rudder-python", "RudderStack · Python",
                """
                import rudderstack.analytics as rudder
                rudder.write_key = "\(key)"
                rudder.dataPlaneUrl = "\(address)"
                rudder.track("u1", "Order Completed", {"order_id": "T1", "revenue": 42.5})
                """),
            snippet(
                "sensors-python", "神策 Sensors · Python",
                """
                import sensorsanalytics
                consumer = sensorsanalytics.BatchConsumer("\(address)/sa?project=default&token=\(key)")
                sa = sensorsanalytics.SensorsAnalytics(consumer)
                sa.track("u1", "SubmitOrder", {"order_id": "T1", "amount": 42.5}, is_login_id=True)
                """),
            snippet(
                "sensors-js", "神策 Sensors · JavaScript",
                """
                sensors.init({ server_url: "\(address)/sa?project=default&token=\(key)", send_type: "beacon" });
                """),
        ]
    }

    private static func snippet(_ id: String, _ title: String, _ code: String) -> SourceModel.Snippet {
        SourceModel.Snippet(id: id, title: title, code: code)
    }

    private static func scheme(_ address: String) -> String {
        address.hasPrefix("https:") ? "https" : "http"
    }

    private static func host(_ address: String) -> String {
        address.split(separator: "/").last.map(String.init) ?? address
    }
}
