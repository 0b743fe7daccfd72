import Storage

/// The receipts of one person by one model, as of now, out of what the processor keeps.
package struct ScoreExplanation: Sendable {
    package var model: ScoreModel
    package var definition: ScoreDefinition
    package var card: ScoreCard
    package var grade: ScoreGrade

    /// Throws: `ScoreError.notFound`, `ProfileError.notFound`, `StorageError`.
    package static func load(_ profileID: Int64, model id: Int64, _ platform: Platform) async throws -> ScoreExplanation
    {
        let now = platform.effects.now()
        return try await platform.store.read { connection in
            let model = try ScoreModels.get(id, connection)
            let published = try SegmentCache().load(try Workspace.load(connection), connection)
            guard let score = published.scores.first(where: { $0.id == id }) else { throw ScoreError.notFound(id) }
            let profile = try ProfileDetail.load(profileID, connection).profile
            let subject = try SegmentReview.subjects([profile], published, withOrders: true, connection).first
            guard let subject else { throw ProfileError.notFound(profileID) }
            let card = ScoreCard(score.definition, subject, published.clock(now))
            return ScoreExplanation(
                model: model, definition: score.definition, card: card,
                grade: score.definition.grades.grade(card.total))
        }
    }
}

/// How many people have how many points.
package struct ScoreDistribution: Sendable {
    /// Whole points of one step.
    package var width: Int64
    package var steps: [(from: Int64, people: Int64)]
    package var grades: [(grade: ScoreGrade, people: Int64)]
    /// People without a receipt.
    package var without: Int64

    private static let stepsMost: Int64 = 30

    /// Throws: `ScoreError.notFound`, `StorageError`.
    package static func load(_ id: Int64, _ connection: any SQLConnection) throws -> ScoreDistribution {
        _ = try ScoreModels.get(id, connection)
        let bounds = try connection.first(
            "SELECT min(total), max(total), count(*) FROM profile_scores WHERE model_id = \(id)")
        let everybody = try SegmentPreview.everybody(connection)
        let people = try bounds?.int(2) ?? 0
        let counted = try connection.query(
            "SELECT grade, count(*) FROM profile_scores WHERE model_id = \(id) GROUP BY grade"
        ).map { (try $0.text(0), try $0.int(1)) }
        let grades = ScoreGrade.allCases.map { grade in
            (grade: grade, people: counted.first { $0.0 == grade.rawValue }?.1 ?? 0)
        }
        guard people > 0, let least = try bounds?.intOrNil(0), let most = try bounds?.intOrNil(1) else {
            return ScoreDistribution(width: 1, steps: [], grades: grades, without: everybody)
        }
        let width = niceWidth((most - least) / 1000)
        // Shifted, so that division rounds down below 0 as well.
        let (size, base) = (width * 1000, floorDivide(least, width * 1000) * width * 1000)
        let rows = try connection.query(
            """
            SELECT (total - \(base)) / \(size), count(*) FROM profile_scores WHERE model_id = \(id) GROUP BY 1 ORDER BY 1
            """
        ).map { (try $0.int(0), try $0.int(1)) }
        let found = Dictionary(rows) { first, _ in first }
        let last = rows.last?.0 ?? 0
        return ScoreDistribution(
            width: width,
            steps: (0...last).map { (from: base / 1000 + $0 * width, people: found[$0] ?? 0) }, grades: grades,
            without: max(everybody - people, 0))
    }

    private static func niceWidth(_ range: Int64) -> Int64 {
        for width in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000] as [Int64]
        where range / width < stepsMost { return width }
        return max(range / stepsMost, 1)
    }
}
