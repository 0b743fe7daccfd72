/// Draws everyone's life, puts all moments in the order of their arrival, and writes them a day at a time.
package struct DemoBatches: IteratorProtocol {
    private let people: [DemoPerson]
    private let moments: [DemoMoment]
    private var position = 0
    private var ready: [DemoBatch] = []
    private var writer: DemoWriter
    private var mess: DemoMess
    private static let millisecondsPerDay: Int64 = 86_400_000

    init(_ brand: DemoBrand) {
        let lastDay = Int((brand.end.milliseconds + DemoLife.zoneMilliseconds) / Self.millisecondsPerDay)
        let calendar = DemoCalendar(firstDay: lastDay - DemoBrand.days + 1, lastDay: lastDay)
        var people: [DemoPerson] = []
        var moments: [DemoMoment] = []
        people.reserveCapacity(brand.people)
        moments.reserveCapacity(brand.people * 55)
        for number in 0..<brand.people {
            let person = DemoPerson(number: number, people: brand.people, seed: brand.seed, calendar: calendar)
            people.append(person)
            let life = DemoLife(person, calendar: calendar, end: brand.end).moments
            moments += life
            moments += DemoVisits(person, beside: life, end: brand.end).moments
        }
        moments.sort { ($0.received, $0.person, $0.number) < ($1.received, $1.person, $1.number) }
        self.people = people
        self.moments = moments
        writer = DemoWriter(seed: brand.seed)
        mess = DemoMess(seed: brand.seed)
    }

    /// How many events all batches hold together.
    package var eventCount: Int { moments.count }

    package mutating func next() -> DemoBatch? {
        if ready.isEmpty { fill() }
        return ready.isEmpty ? nil : ready.removeLast()
    }

    /// The next batch if it is of this day and already written.
    mutating func peeked(day: Int) -> DemoBatch? {
        guard let last = ready.last, last.day == day else { return nil }
        return ready.removeLast()
    }

    /// Writes the next day that has anything.
    private mutating func fill() {
        guard position < moments.count else { return }
        let day = DemoBatches.day(moments[position])
        var batches = DemoSource.allCases.map { DemoBatch(source: $0, day: day, events: [], rejected: []) }
        while position < moments.count, DemoBatches.day(moments[position]) == day {
            let moment = moments[position]
            batches[moment.source.rawValue].events.append(writer.event(moment, people[Int(moment.person)]))
            position += 1
        }
        for index in batches.indices where !batches[index].events.isEmpty && batches[index].source != .codes {
            batches[index].rejected = mess.items(for: batches[index])
        }
        ready = batches.filter { !$0.events.isEmpty }.reversed()
    }

    private static func day(_ moment: DemoMoment) -> Int {
        Int((moment.received + DemoLife.zoneMilliseconds) / millisecondsPerDay)
    }
}
