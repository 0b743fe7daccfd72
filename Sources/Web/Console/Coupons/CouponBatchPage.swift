import Engine
import Storage

/// One batch: how far it is drawn, what became of its codes, its file.
struct CouponBatchModel: PageModel {
    var id: String
    var pattern: String
    var entropy: String
    var when: String
    var state: String
    var tone: String
    var isDrawing: Bool
    var isVoided: Bool
    var fraction: String
    var percent: String
    var figures: [FigureModel]
    var mayManage: Bool
    var failure: String?
}

enum CouponBatchPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (model, definition) = try await model(request)
        return .page(
            Page(
                "coupons/batch", title: request.text("coupon.batch"),
                crumbs: [
                    Crumb(request.text("coupon.title"), "/coupons"),
                    Crumb(definition.name, "/coupons/\(definition.id)"),
                ], model: model))
    }

    static func progress(_ request: PageRequest) async throws -> Reply {
        .panel(template: "coupons/batch-progress", model: try await model(request).0)
    }

    static func file(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("batch")
        let file = try await CouponWords.found {
            try await CouponBatchFile.open(id, by: request.actor, request.platform)
        }
        return .download(name: file.name, type: "text/csv; charset=utf-8", file.body)
    }

    static func void(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("batch")
        try await CouponWords.found {
            try await request.platform.store.write { connection in
                _ = try CouponBatches.void(id, at: request.now, connection)
                try AuditLog.append(
                    actor: request.actor, action: "coupon_batch.void", subject: "coupon_batch:\(id)", detail: "",
                    connection, at: request.now)
            }
        }
        return .redirect(to: "/coupons/batches/\(id)", notice: "coupon.batch_taken_back")
    }

    private static func model(_ request: PageRequest) async throws -> (CouponBatchModel, CouponDefinition) {
        let id = try request.id("batch")
        let (batch, definition, states, job) = try await CouponWords.found {
            try await request.platform.store.read { connection in
                let batch = try CouponBatches.get(id, connection)
                let isDone = batch.made == batch.total
                return (
                    batch, try CouponDefinitions.get(batch.definitionID, connection),
                    isDone ? try CouponBatches.states(of: id, connection) : [:],
                    isDone ? nil : try JobQueue.get(connection, id: batch.jobID)
                )
            }
        }
        let wording = request.wording
        let isDrawing = batch.made < batch.total && batch.voidedAt == nil && job?.status.isLiving ?? false
        let isShort = batch.made < batch.total && !isDrawing
        let state = batch.voidedAt != nil ? "voided" : isDrawing ? "drawing" : isShort ? "failed" : "ready"
        let share = Double(batch.made) / Double(max(batch.total, 1))
        let bits = try CouponPattern(batch.pattern).bits
        let model = CouponBatchModel(
            id: String(id), pattern: batch.pattern,
            entropy: request.text("coupon.entropy", ["bits": String(bits), "odds": odds(bits, batch.total, wording)]),
            when: wording.dateTime(batch.createdAt), state: request.text("coupon.batch_\(state)"),
            tone: ["ready": "chip-good", "drawing": "chip-info", "failed": "chip-bad"][state] ?? "",
            isDrawing: isDrawing, isVoided: batch.voidedAt != nil, fraction: Wording.attribute(share),
            percent: wording.percent(share, digits: 0),
            figures: [FigureModel(request.text("coupon.codes"), wording.number(batch.made))]
                + Coupon.State.allCases.compactMap { state in
                    states[state].map {
                        FigureModel(request.text("coupon.state_\(state.rawValue)"), wording.number($0))
                    }
                }, mayManage: request.user.role.may(.manageLoyalty),
            failure: isShort && batch.voidedAt == nil ? request.text("coupon.batch_short") : nil)
        return (model, definition)
    }

    /// Of so many guesses one hits.
    private static func odds(_ bits: Int, _ total: Int64, _ wording: Wording) -> String {
        wording.number((Int64(1) << Int64(min(bits, 61))) / max(total, 1))
    }
}
