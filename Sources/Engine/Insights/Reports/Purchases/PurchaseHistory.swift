/// What one person bought, day by day: a pure reading of it.
struct PurchaseHistory {
    var person: Int64
    /// Ascending, each once.
    var days: [Int64]
    var orders: [Int64]
    /// Net, in minor units.
    var net: [Int64]

    /// Places of the days within a period.
    private func places(_ period: ReportPeriod) -> [Int] {
        days.indices.filter { (period.first...period.last).contains(days[$0]) }
    }

    func orders(in period: ReportPeriod) -> Int64 { places(period).reduce(0) { $0 + orders[$1] } }
    func net(in period: ReportPeriod) -> Int64 { places(period).reduce(0) { $0 + net[$1] } }
    var allOrders: Int64 { orders.reduce(0, +) }

    /// Days between two purchase days that follow one another, the later one in the period.
    func gaps(in period: ReportPeriod) -> [Int64] {
        places(period).compactMap { $0 > 0 ? days[$0] - days[$0 - 1] : nil }
    }

    /// Revenue by steps of time since the step of the first order.
    func revenue(by step: ReportStep) -> (cohort: Int64, offsets: [(offset: Int64, net: Int64)])? {
        guard let first = days.first else { return nil }
        let cohort = step.step(ofDay: first)
        return (cohort, days.indices.map { (step.step(ofDay: days[$0]) - cohort, net[$0]) })
    }
}

/// What the purchases of everybody come to in a period.
struct PurchaseTally {
    let period: ReportPeriod
    /// Steps of the cohort curves.
    static let cohortStep = ReportStep.month
    static let offsetsMax = 24

    private(set) var buyers: [(person: Int64, net: Int64, orders: Int64)] = []
    private(set) var repeatBuyers: Int64 = 0
    private(set) var newBuyers: Int64 = 0
    private(set) var newRevenue: Int64 = 0
    private(set) var gaps: [Int64] = []
    /// Of those whose first order lies in the step: how many they are, and their revenue by steps since.
    private(set) var cohorts: [Int64: Cohort] = [:]

    struct Cohort {
        var people: Int64 = 0
        var revenue: [Int64] = Array(repeating: 0, count: PurchaseTally.offsetsMax + 1)
    }

    init(_ period: ReportPeriod) {
        self.period = period
    }

    mutating func add(_ history: PurchaseHistory) {
        let orders = history.orders(in: period)
        if orders > 0 {
            let net = history.net(in: period)
            buyers.append((history.person, net, orders))
            if history.allOrders > 1 { repeatBuyers += 1 }
            if let first = history.days.first, first >= period.first {
                newBuyers += 1
                newRevenue += net
            }
            gaps += history.gaps(in: period)
        }
        guard let revenue = history.revenue(by: Self.cohortStep) else { return }
        var cohort = cohorts[revenue.cohort] ?? Cohort()
        cohort.people += 1
        for (offset, net) in revenue.offsets where offset <= Int64(Self.offsetsMax) {
            cohort.revenue[Int(offset)] += net
        }
        cohorts[revenue.cohort] = cohort
    }

    /// Buyers, who spent most first.
    var ranked: [(person: Int64, net: Int64, orders: Int64)] {
        buyers.sorted { ($1.net, $0.person) < ($0.net, $1.person) }
    }

    var revenue: Int64 { buyers.reduce(0) { $0 + $1.net } }
    var orders: Int64 { buyers.reduce(0) { $0 + $1.orders } }
}
