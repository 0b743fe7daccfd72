import Engine
import Storage

extension QuarantinePage {
    /// Items that one posting of a selection may touch.
    private static let selectedMax = 200

    /// Reads every selected item again; those that are still bad stay, and how many is said.
    static func replaySelected(_ request: PageRequest) async throws -> Reply {
        var left = 0
        for id in selected(request) {
            do {
                try await QuarantineReplay.perform(
                    id: id, by: request.actor, regions: request.console.configuration.regions, request.platform)
            } catch is QuarantineError {
                left += 1
            }
        }
        return .redirect(to: "/quarantine", notice: left == 0 ? "quarantine.replayed_all" : "quarantine.replayed_some")
    }

    static func discardSelected(_ request: PageRequest) async throws -> Reply {
        let (ids, actor, now) = (selected(request), request.actor, request.now)
        try await request.platform.store.write { connection in
            for id in ids {
                do {
                    try QuarantineList.discard(id: id, by: actor, connection, at: now)
                } catch is QuarantineError {
                    // Somebody else decided about it meanwhile.
                    continue
                }
            }
        }
        return .redirect(to: "/quarantine", notice: "quarantine.discarded_all")
    }

    private static func selected(_ request: PageRequest) -> [Int64] {
        Array(request.form.all("id").compactMap { Int64($0) }.prefix(selectedMax))
    }
}
