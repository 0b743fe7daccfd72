import Testing

/// Only the folder that a schema file names writes to its tables.
@Suite("House rules: tables")
struct TableOwnerTests {
    /// Writes from other rooms that are meant: table, file, and why.
    private static let exceptions: [(table: String, file: String, reason: String)] = [
        ("profiles", "Lifecycle/StagedPerson.swift", "the stage columns of a profile belong to Lifecycle"),
        ("profiles", "RFM/RFMRefresh.swift", "the score and class columns of a profile belong to RFM"),
        ("profiles", "Tiers/TierBatch.swift", "the tier columns of a profile belong to Tiers"),
        ("sources", "Events/EventLog.swift", "the first and last event of a source are noted as it is appended"),
        ("orders", "Identity/Unmerge.swift", "an undone merge gives orders back in the same transaction"),
        ("event_log", "Profiles/Erasure.swift", "erasure reaches every table in one transaction"),
        ("orders", "Profiles/Erasure.swift", "erasure reaches every table in one transaction"),
        ("stage_history", "Profiles/Erasure.swift", "erasure reaches every table in one transaction"),
    ]

    @Test("Only the owning folder writes a table")
    func owners() throws {
        let owners = try Self.ownersByTable()
        #expect(owners.count > 20)
        var strangers: [String] = []
        for file in try SourceTree.files("Sources/Engine") {
            let room = file.path.split(separator: "/")[2]
            for (number, text) in file.code {
                for match in text.matches(of: /(?:INSERT INTO|UPDATE|DELETE FROM) ([a-z_]+)\b/) {
                    let table = String(match.1)
                    guard let allowed = owners[table], !allowed.contains(String(room)) else { continue }
                    if Self.exceptions.contains(where: { $0.table == table && file.path.hasSuffix($0.file) }) {
                        continue
                    }
                    strangers.append("\(file.place(number)) writes \(table), which belongs to \(allowed.sorted())")
                }
            }
        }
        #expect(strangers == [])
    }

    @Test("Every table says who writes it")
    func everyTableHasAnOwner() throws {
        let nameless = try Self.ownersByTable().filter(\.value.isEmpty).keys.sorted()
        #expect(nameless == [])
    }

    /// A line "Written by Events/ only." (or "… is written by A/, … by B/") holds for the tables below it.
    private static func ownersByTable() throws -> [String: Set<String>] {
        var owners: [String: Set<String>] = [:]
        for file in try SourceTree.files("Sources/Engine/Schema/OperationalMigrations", ending: ".sql") {
            var current: Set<String> = []
            for line in file.lines {
                if let words = line.lowercased().range(of: "written by") {
                    let rest = line[words.upperBound...]
                    current = Set(rest.matches(of: /\b([A-Z]\w+)\//).map { String($0.1) })
                }
                if let table = line.firstMatch(of: /^CREATE TABLE (\w+)/) { owners[String(table.1)] = current }
            }
        }
        return owners
    }
}
