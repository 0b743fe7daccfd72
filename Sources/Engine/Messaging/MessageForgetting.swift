import Storage

/// Takes an erased person out of what this room keeps; that messages were sent stays, as nobody's words.
enum MessageForgetting {
    static func forget(_ ids: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM message_suppressions WHERE (channel, address) IN (
                SELECT channel, lower(address) FROM messages WHERE profile_id IN (\(list: ids)) AND address <> '')
                OR channel = 'email' AND address IN (
                    SELECT value FROM identities WHERE kind = 'email' AND profile_id IN (\(list: ids)))
            """)
        try connection.execute("DELETE FROM message_consents WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM inbox_items WHERE profile_id IN (\(list: ids))")
        try connection.execute(
            """
            UPDATE messages SET address = '', subject = '', event_values = '{}', detail = ''
            WHERE profile_id IN (\(list: ids))
            """)
    }
}
