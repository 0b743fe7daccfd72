extension LifecycleModel {
    /// A change of stage in the past.
    package struct Step: Sendable, Equatable {
        package var day: Int64
        package var from: LifecycleStage
        package var assessment: Assessment
        /// Purchase days up to then.
        package var orders: Int
    }

    /// Every change of stage between the first day and `lastDay`, as this model would have seen it: by purchases and by
    /// time. Everybody begins in introduction.
    /// - Parameter purchaseDays: ascending, without repeats.
    package func path(purchaseDays: [Int64], firstSeenDay: Int64, through lastDay: Int64) -> [Step] {
        let start = min(firstSeenDay, purchaseDays.first ?? firstSeenDay)
        var steps: [Step] = []
        var stage = LifecycleStage.introduction
        var orders = 0
        var day = start
        while day <= lastDay {
            while orders < purchaseDays.count, purchaseDays[orders] <= day { orders += 1 }
            let assessment = assess(
                orderCount: orders, lastOrderDay: orders > 0 ? purchaseDays[orders - 1] : nil, firstSeenDay: start,
                on: day)
            if assessment.stage != stage {
                steps.append(Step(day: day, from: stage, assessment: assessment, orders: orders))
                stage = assessment.stage
            }
            let nextPurchase = orders < purchaseDays.count ? purchaseDays[orders] : .max
            let next = min(nextPurchase, assessment.nextChangeDay ?? .max)
            guard next < .max else { break }
            day = next
        }
        return steps
    }
}
