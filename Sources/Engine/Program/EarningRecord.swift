import Storage

/// What the program gave for one fact, and why: a row of `earning_facts`.
package struct EarningRecord: Sendable, Equatable {
    package var key: String
    package var account: Int64
    package var profileID: Int64
    package var version: Int64
    package var name: String
    package var factMS: Int64
    package var madeMS: Int64
    package var content: String
    package var grants: [Grant]
    package var waterfall: [EarningStep]

    /// What one rule gives for one line: the points as they were decided, and the awards of the ledger that hold what is
    /// left of them.
    package struct Grant: Sendable, Equatable {
        package var rule: String
        package var line: String
        package var currency: String
        package var account: Int64
        package var basis: Int64
        package var points: Int64
        package var lots: [Lot] = []

        /// What the ledger holds for it.
        package var net: Int64 { lots.reduce(0) { $0 + $1.amount - $1.reversed } }
    }

    package struct Lot: Sendable, Equatable {
        /// The award's key in the ledger.
        package var key: String
        package var amount: Int64
        package var reversed: Int64
    }

    /// What the member has of it, by currency.
    package var net: [String: Int64] {
        grants.filter { $0.account == account }.reduce(into: [:]) { $0[$1.currency, default: 0] += $1.net }
    }

    /// Keys of awards that rules give begin so; nobody else's may.
    package static let keyPrefix = "earn:"

    /// The key of the award for a line by a rule, the `number`th of them.
    func awardKey(_ rule: String, _ line: String, number: Int) -> String {
        let plain = "\(Self.keyPrefix)\(key):\(line):\(rule)" + (number > 1 ? ":\(number)" : "")
        // Room for what a reversal puts behind it.
        guard plain.utf8.count > PointsLimits.keyBytes - 30 else { return plain }
        return Self.keyPrefix + "#" + Digest.sha256(Array(plain.utf8)) + (number > 1 ? ":\(number)" : "")
    }
}

extension EarningRecord.Grant {
    var json: JSONValue {
        [
            "rule": .string(rule), "line": .string(line), "currency": .string(currency),
            "account": JSONValue(id: account), "basis": .integer(basis), "points": .integer(points),
            "lots": .array(
                lots.map {
                    ["key": .string($0.key), "amount": .integer($0.amount), "reversed": .integer($0.reversed)]
                }),
        ]
    }

    init?(json: JSONValue) {
        guard let rule = json["rule"]?.stringValue, let line = json["line"]?.stringValue,
            let currency = json["currency"]?.stringValue,
            let account = json["account"]?.stringValue.flatMap({ Int64($0) }), let points = json["points"]?.intValue
        else { return nil }
        self.init(
            rule: rule, line: line, currency: currency, account: account, basis: json["basis"]?.intValue ?? 0,
            points: points,
            lots: (json["lots"]?.arrayValue ?? []).map {
                EarningRecord.Lot(
                    key: $0["key"]?.stringValue ?? "", amount: $0["amount"]?.intValue ?? 0,
                    reversed: $0["reversed"]?.intValue ?? 0)
            })
    }
}
