import Storage

/// The loyalty program of the demo brand, with its pyramid. It is in force before the first event is processed. Most of
/// the history lies before anybody is a member; orders of the last days count when buyers join.
package enum DemoProgram {
    private static let backdatedDays = 30

    private static let document = """
        {"version":1,"enrolment":{"when":"asked","backdated_days":\(backdatedDays)},
         "rules":[
          {"id":"base","name":"消费积分","kind":"order_amount","points":1,"per":1,"rounding":"down","pending":{"days":7}},
          {"id":"welcome","name":"首单礼","kind":"order_fixed","points":100,"when":[{"kind":"first_purchase"}],
           "caps":[{"per":"member","times":1}]},
          {"id":"birthday","name":"生日月双倍","kind":"multiplier","times":2,"rules":["base"],"group":"bonus",
           "when":[{"kind":"birthday","within":"month"}]},
          {"id":"tuesday","name":"周二会员日","kind":"multiplier","times":1.5,"rules":["base"],"group":"bonus",
           "when":[{"kind":"weekday","days":[2]}]},
          {"id":"silver","name":"银卡 1.2 倍","kind":"multiplier","times":1.2,"rules":["base"],"group":"bonus",
           "when":[{"kind":"tier","values":["silver"]}]},
          {"id":"gold","name":"金卡 1.5 倍","kind":"multiplier","times":1.5,"rules":["base"],"group":"bonus",
           "when":[{"kind":"tier","values":["gold","black"]}]},
          {"id":"oolong","name":"乌龙茶季","kind":"order_unit","points":10,"units":1,
           "when":[{"kind":"product","field":"category","values":["乌龙"]}],
           "caps":[{"per":"member","period":"month","points":100}]},
          {"id":"review","name":"评价有礼","kind":"review","points":20},
          {"id":"profile","name":"完善资料","kind":"profile","points":50,"traits":["birthday","city","gender"]},
          {"id":"read","name":"读茶","kind":"event","points":2,"event":{"names":["Article Read"]},
           "when":[{"kind":"property","property":"seconds","is":"at_least","value":30}],
           "caps":[{"per":"member","period":"day","points":6}]}],
         "groups":[{"name":"bonus","take":"best"}],
         "budget":{"currency":"points","points":50000000,"period":"year"}}
        """

    /// Makes the currency and puts the program in force, unless there is one of either. Throws: `PointsError`,
    /// `ProgramError`, `StorageError`.
    package static func install(effects: Effects, _ connection: any SQLConnection) throws {
        if try PointsCurrencies.stored("points", connection) == nil {
            let points = PointsCurrency(
                code: "points", names: ["zh-Hans": "茶点", "en": "Tea points"], expiry: .rolling(months: 12),
                noticeDays: [30, 7], reversal: .deficit, reinstatementDays: 30,
                transfer: PointsTransferPolicy(dailyMax: 1_000), isPoolable: true, adjustmentMax: 10_000)
            _ = try PointsCurrencies.create(points, at: effects.now(), connection)
        }
        guard try ProgramVersions.list(connection).isEmpty else { return }
        try ProgramVersions.install(
            title: "山岚会", document: text(), by: "system", effects: effects, connection)
    }

    /// With the pyramid. Throws: `CriteriaError`, `EncodingError`.
    package static func text() throws -> String {
        var program = try LoyaltyProgram(parsing: document)
        program.tiers = try JSONValue(parsing: StoredDocument.text(DemoTiers.ladder))
        return program.text
    }
}
