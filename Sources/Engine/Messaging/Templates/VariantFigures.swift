import Storage

/// How far the messages came that one variant of a template made, under all versions that had a variant of this name.
package struct VariantFigures: Sendable, Equatable {
    package var variant: String
    /// Messages: nothing counts that did not leave, and no test.
    package var sent: Int64
    package var delivered: Int64
    /// By people, as clicks.
    package var opened: Int64
    package var clicked: Int64

    package init(variant: String, sent: Int64 = 0, delivered: Int64 = 0, opened: Int64 = 0, clicked: Int64 = 0) {
        self.variant = variant
        self.sent = sent
        self.delivered = delivered
        self.opened = opened
        self.clicked = clicked
    }

    /// Those that something was sent of, by name; of messages that are still kept. Throws: `StorageError`.
    package static func of(_ template: Int64, _ connection: any SQLConnection) throws -> [VariantFigures] {
        try connection.query(
            """
            SELECT variant, count(sent_ms), count(delivered_ms), count(opened_ms), count(clicked_ms) FROM messages
            WHERE template_id = \(template) AND variant <> '' AND origin <> 'test' AND sent_ms IS NOT NULL
            GROUP BY variant ORDER BY variant
            """
        ).map { row in
            VariantFigures(
                variant: try row.text(0), sent: try row.int(1), delivered: try row.int(2), opened: try row.int(3),
                clicked: try row.int(4))
        }
    }
}
