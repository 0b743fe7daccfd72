import Storage

/// Takes an erased person out of what this room keeps; that messages were sent stays, as nobody's words.
enum MessageForgetting {
    static func forget(_ ids: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM message_suppressions WHERE (channel, address) IN (
                SELECT channel, lower(address) FROM messages WHERE profile_id IN (\(list: ids)) AND address <> '')
                OR (channel, address) IN (
                    SELECT 'email', value FROM identities WHERE kind = 'email' AND profile_id IN (\(list: ids))
                    UNION ALL
                    SELECT h.channel, lower(h.address) FROM message_hops h JOIN messages m ON m.id = h.message_id
                        WHERE m.profile_id IN (\(list: ids)) AND h.address <> ''
                    UNION ALL
                    SELECT 'sms', value FROM identities WHERE kind = 'phone' AND profile_id IN (\(list: ids))
                    UNION ALL
                    SELECT 'whatsapp', value FROM identities WHERE kind = 'phone' AND profile_id IN (\(list: ids)))
            """)
        try PushSubscriptions.forget(ids, connection)
        try connection.execute("DELETE FROM message_consents WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM message_opt_ins WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM message_preferences WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM message_hours WHERE profile_id IN (\(list: ids))")
        try connection.execute(
            """
            UPDATE message_hops SET address = '', detail = '' WHERE message_id IN (
                SELECT id FROM messages WHERE profile_id IN (\(list: ids)))
            """)
        let external: SQL = """
            (SELECT value FROM identities WHERE kind = 'wecom_external_id' AND profile_id IN (\(list: ids)))
            """
        try connection.execute("DELETE FROM wecom_contacts WHERE external_id IN " + external)
        try connection.execute("DELETE FROM wecom_welcomes WHERE external_id IN " + external)
        try connection.execute(
            """
            UPDATE wecom_task_people SET external_id = '' WHERE message_id IN (
                SELECT id FROM messages WHERE profile_id IN (\(list: ids)))
            """)
        try connection.execute("DELETE FROM inbox_items WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM message_replies WHERE profile_id IN (\(list: ids))")
        try connection.execute(
            """
            UPDATE messages SET address = '', subject = '', event_values = '{}', detail = ''
            WHERE profile_id IN (\(list: ids))
            """)
    }
}
