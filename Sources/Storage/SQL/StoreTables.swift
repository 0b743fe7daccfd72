/// The tables of a store as they are, asked of its catalogue.
enum StoreTables {
    /// Names in order, without the database's own.
    static func names(on link: any SQLConnection) throws -> [String] {
        let sql: SQL =
            switch link.dialect {
            case .sqlite:
                "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
            case .postgresql:
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
            }
        return try link.query(sql).map { try $0.text(0) }
    }

    static func columns(of table: String, on link: any SQLConnection) throws -> [String] {
        let sql: SQL =
            switch link.dialect {
            case .sqlite: "SELECT name FROM pragma_table_info(\(table)) ORDER BY cid"
            case .postgresql:
                """
                SELECT column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = \(table) ORDER BY ordinal_position
                """
            }
        return try link.query(sql).map { try $0.text(0) }
    }

    /// The last number that each self-numbering table gave out. Numbers must never come twice, even when the rows
    /// that carried them are gone.
    static func sequences(on link: any SQLConnection) throws -> [String: Int64] {
        switch link.dialect {
        case .sqlite:
            let exists = try link.first("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
            guard exists != nil else { return [:] }
            let rows = try link.query("SELECT name, seq FROM sqlite_sequence")
            return try Dictionary(rows.map { (try $0.text(0), try $0.int(1)) }, uniquingKeysWith: max)
        case .postgresql:
            var last: [String: Int64] = [:]
            for (table, sequence) in try identitySequences(on: link) {
                let row = try link.first("SELECT last_value, is_called FROM \(raw: sequence)")
                guard let row, try row.bool(1) else { continue }
                last[table] = try row.int(0)
            }
            return last
        }
    }

    /// Moves a table's numbering on to `last`.
    static func advance(_ table: String, to last: Int64, on link: any SQLConnection) throws {
        switch link.dialect {
        case .sqlite:
            let changed = try link.execute("UPDATE sqlite_sequence SET seq = max(seq, \(last)) WHERE name = \(table)")
            if changed == 0 {
                try link.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (\(table), \(last))")
            }
        case .postgresql:
            for (owner, sequence) in try identitySequences(on: link) where owner == table {
                _ = try link.query("SELECT setval(CAST(\(sequence) AS regclass), \(last))")
            }
        }
    }

    /// Table and quoted sequence name of every identity column (PostgreSQL).
    private static func identitySequences(on link: any SQLConnection) throws -> [(String, String)] {
        try link.query(
            """
            SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
            FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'
            """
        ).map { (try $0.text(0), try $0.text(1)) }
    }
}
