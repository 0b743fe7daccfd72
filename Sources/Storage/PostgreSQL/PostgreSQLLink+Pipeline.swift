import CPostgreSQL

/// Many runs of one statement without waiting for each answer (libpq's pipeline mode).
///
/// Runs are sent in chunks, bounded in number and bytes, and all answers of a chunk are read before the next is sent,
/// so neither side ever blocks on full buffers. Everything happens inside the transaction that is open already.
extension PostgreSQLLink {
    private static let chunkRowsMax = 1_000
    private static let chunkBytesMax = 4_000_000

    func pipeline<T>(
        _ text: String, _ rows: [[SQLValue]], _ read: (borrowing PostgreSQLResult) -> T
    ) throws -> [T] {
        try checkHealthy()
        guard !rows.isEmpty else { return [] }
        let statement = try self.statement(text)
        var answers: [T] = []
        answers.reserveCapacity(rows.count)
        var next = rows.startIndex
        while next < rows.endIndex {
            // Statements are prepared outside of the pipeline: a chunk ends where the types change.
            let variant = try self.variant(of: statement, for: rows[next], seenIn: rows[next...].prefix(100))
            let chunk = rows[next...].prefix(Self.chunkRowsMax)
            let sent = try exchange(variant, chunk, statement) { answers.append(read($0)) }
            next += sent
        }
        return answers
    }

    /// Sends as many of `rows` as fit and reads their answers. Returns how many were sent, at least one.
    private func exchange(
        _ variant: PostgreSQLStatement.Variant, _ rows: ArraySlice<[SQLValue]>, _ statement: PostgreSQLStatement,
        _ receive: (borrowing PostgreSQLResult) -> Void
    ) throws -> Int {
        guard PQenterPipelineMode(connection) == 1 else { throw doom(failed(nil, statement.text)) }
        var sent = 0
        var bytes = 0
        for values in rows {
            guard bytes < Self.chunkBytesMax, values.count == statement.parameters, variant.fits(values) else { break }
            parameters.load(values)
            bytes += parameters.size
            let accepted = parameters.send { count, values, lengths, formats in
                PQsendQueryPrepared(connection, variant.name, count, values, lengths, formats, 0)
            }
            guard accepted == 1 else { throw doom(failed(nil, statement.text)) }
            sent += 1
        }
        guard PQpipelineSync(connection) == 1 else { throw doom(failed(nil, statement.text)) }
        try receiveAnswers(sent, statement, receive)
        guard PQexitPipelineMode(connection) == 1 else { throw doom(failed(nil, statement.text)) }
        return sent
    }

    /// Reads every answer up to the synchronisation point, also after a failure, so that the connection stays usable.
    private func receiveAnswers(
        _ expected: Int, _ statement: PostgreSQLStatement, _ receive: (borrowing PostgreSQLResult) -> Void
    ) throws {
        var firstFailure: PostgreSQLFailure?
        for _ in 0..<expected {
            guard let result = PostgreSQLResult(PQgetResult(connection)) else {
                throw doom(firstFailure ?? failed(nil, statement.text))
            }
            if result.succeeded {
                receive(result)
            } else if firstFailure == nil {
                firstFailure = failed(result.pointer, statement.text)
            }
            // A null ends the answers to one statement.
            while let extra = PQgetResult(connection) { PQclear(extra) }
            if isBroken { throw doom(firstFailure ?? failed(nil, statement.text)) }
        }
        guard let end = PostgreSQLResult(PQgetResult(connection)), end.status == PGRES_PIPELINE_SYNC else {
            throw doom(firstFailure ?? failed(nil, statement.text))
        }
        guard let firstFailure else { return }
        _ = PQexitPipelineMode(connection)
        throw doom(firstFailure)
    }
}
