/// What to paste into a client so that it sends here, for each kind of client that is understood.
enum SourceSnippets {
    static func all(key: String, address: String) -> [SourceModel.Snippet] {
        own(key: key, address: address) + segmentLike(key: key, address: address)
            + others(key: key, address: address)
    }

    private static func own(key: String, address: String) -> [SourceModel.Snippet] {
        [
            snippet("tracker", "Perennial · JavaScript", TrackerScript.shared.tag(key: key, address: address)),
            snippet(
                "curl", "curl",
                """
                curl \(address)/v1/track -u \(key): -H 'Content-Type: application/json' \\
                  -d '{"userId":"u1","event":"Order Completed","properties":{"order_id":"T1","revenue":42.5}}'
                """),
        ]
    }

    private static func segmentLike(key: String, address: String) -> [SourceModel.Snippet] {
        [
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

    private static func others(key: String, address: String) -> [SourceModel.Snippet] {
        [
            snippet(
                "posthog-js", "PostHog · JavaScript",
                """
                posthog.init("\(key)", { api_host: "\(address)", disable_session_recording: true });
                """),
            snippet(
                "posthog-python", "PostHog · Python",
                """
                from posthog import Posthog
                posthog = Posthog("\(key)", host="\(address)")
                posthog.capture("Order Completed", distinct_id="u1", properties={"order_id": "T1", "revenue": 42.5})
                """),
            snippet(
                "mixpanel-js", "Mixpanel · JavaScript",
                """
                mixpanel.init("\(key)", { api_host: "\(address)" });
                """),
            snippet(
                "mixpanel-python", "Mixpanel · Python",
                """
                from mixpanel import Consumer, Mixpanel
                consumer = Consumer("\(address)/track", "\(address)/engage", "\(address)/import", groups_url="\(address)/groups")
                mixpanel = Mixpanel("\(key)", consumer=consumer)
                mixpanel.track("u1", "Order Completed", {"order_id": "T1", "revenue": 42.5})
                """),
            snippet(
                "snowplow-js", "Snowplow · JavaScript",
                """
                snowplow("newTracker", "sp", "\(address)", { appId: "\(key)" });
                """),
            snippet(
                "matomo-js", "Matomo · JavaScript",
                """
                _paq.push(["setTrackerUrl", "\(address)/matomo.php"]);
                _paq.push(["setSiteId", "\(key)"]);
                """),
            snippet(
                "umami-js", "Umami",
                """
                <script defer src="https://YOUR-UMAMI/script.js" data-website-id="\(key)"
                  data-host-url="\(address)"></script>
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
