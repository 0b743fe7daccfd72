import Engine
import Hummingbird
import NIOCore
import Storage

/// A member's statement as a file, written while it is sent: a long life needs no memory.
enum StatementFile {
    /// Throws: `PointsError.accountNotFound`, `StorageError`.
    static func open(
        _ id: Int64, at now: Timestamp, _ platform: Platform
    ) async throws -> (name: String, body: ResponseBody) {
        file(of: try await platform.store.read { try PointsAccounts.get(id, $0) }, at: now, platform)
    }

    /// The same of a pool. Throws: `PoolError.notFound`, `StorageError`.
    static func open(
        pool id: Int64, at now: Timestamp, _ platform: Platform
    ) async throws -> (name: String, body: ResponseBody) {
        file(of: try await platform.store.read { try PointsAccounts.pool(id, $0) }, at: now, platform)
    }

    private static func file(
        of account: MemberAccount, at now: Timestamp, _ platform: Platform
    ) -> (name: String, body: ResponseBody) {
        let (id, head) = (account.id, PointsStatement.head(of: account, at: now))
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: head))
            var place: Int64 = 0
            while place < account.sequence {
                let after = place
                // What happens meanwhile is not part of this statement.
                let piece = try await platform.store.read {
                    try PointsStatement.links(of: id, after: after, through: account.sequence, $0)
                }
                guard piece.last > place else { break }
                try await writer.write(ByteBuffer(string: piece.text))
                place = piece.last
            }
            try await writer.write(ByteBuffer(string: PointsStatement.foot))
            try await writer.finish(nil)
        }
        return ("statement-\(account.number).json", body)
    }
}
