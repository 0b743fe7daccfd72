import Storage

extension QuarantineList {
    static func deleteOld(_ context: JobContext, before time: Timestamp) async throws -> Int {
        var deleted = 0
        while true {
            let count = try await context.write { connection in
                try connection.execute(
                    """
                    DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine
                        WHERE received_ms < \(time.milliseconds) ORDER BY id LIMIT \(DataRetention.chunkRows))
                    """)
            }
            deleted += count
            if count < DataRetention.chunkRows { return deleted }
        }
    }
}
