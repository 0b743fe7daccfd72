import Foundation
import Storage

extension SavedViews {
    private static let chunkRows = 200

    /// Deletes saved views that search for an erased person.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after = Int64.min
        var deleted = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> (Int64?, Int) in
                let rows = try connection.query(
                    "SELECT id, query, name FROM saved_views WHERE id > \(place) ORDER BY id LIMIT \(chunkRows)")
                let found = try rows.filter { row in
                    let query = try row.text(1)
                    return try [query, query.removingPercentEncoding ?? "", row.text(2)].contains {
                        sought.isOwn(in: $0.utf8)
                    }
                }
                try connection.executeMany("DELETE FROM saved_views WHERE id = ?", found.map { [$0.values[0]] })
                return (try rows.last?.int(0), found.count)
            }
            deleted += count
            guard let last else { return deleted }
            after = last
        }
    }
}
