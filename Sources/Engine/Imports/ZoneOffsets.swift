import Foundation

/// The changes of one time zone's offset, read once so that millions of local times turn into moments quickly.
package struct ZoneOffsets: Sendable {
    package let identifier: String
    /// Moments (seconds since 1970) from which an offset holds, ascending; the first is far in the past.
    private let since: [Int64]
    private let offsets: [Int64]

    /// `name` is an IANA identifier (`Asia/Shanghai`), `UTC`, or a fixed offset (`+08:00`); nil when unknown.
    package init?(named name: String) {
        identifier = name
        if let fixed = ZoneOffsets.fixedOffset(name) {
            since = [Int64.min]
            offsets = [fixed]
            return
        }
        guard let zone = TimeZone(identifier: name) else { return nil }
        var since: [Int64] = [Int64.min]
        var moment = Date(timeIntervalSince1970: -2_208_988_800)
        var offsets = [Int64(zone.secondsFromGMT(for: moment))]
        let last = Date(timeIntervalSince1970: 4_102_444_800)
        let mostChanges = 1_000
        while since.count < mostChanges, let next = zone.nextDaylightSavingTimeTransition(after: moment), next < last,
            next > moment
        {
            since.append(Int64(next.timeIntervalSince1970))
            offsets.append(Int64(zone.secondsFromGMT(for: next)))
            moment = next
        }
        self.since = since
        self.offsets = offsets
    }

    /// Seconds east of UTC at a moment.
    package func offset(atSeconds moment: Int64) -> Int64 {
        if offsets.count == 1 { return offsets[0] }
        var low = 0
        var high = since.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if since[middle] <= moment { low = middle } else { high = middle }
        }
        return offsets[low]
    }

    /// The moment of a local wall-clock time, in seconds. A time that a clock change skips is read with the offset
    /// before the change, a repeated one as its first occurrence.
    package func moment(ofLocalSeconds local: Int64) -> Int64 {
        if offsets.count == 1 { return local - offsets[0] }
        let day: Int64 = 86_400
        let before = offset(atSeconds: local - day)
        let after = offset(atSeconds: local + day)
        if before == after { return local - before }
        let early = local - before
        if offset(atSeconds: early) == before { return early }
        let late = local - after
        return offset(atSeconds: late) == after ? late : early
    }

    private static func fixedOffset(_ name: String) -> Int64? {
        if name == "UTC" || name == "Z" { return 0 }
        let text = Array(name.utf8)
        guard text.count == 6, text[0] == ASCII.plus || text[0] == ASCII.minus, text[3] == ASCII.colon,
            let hours = Int64(String(decoding: text[1...2], as: UTF8.self)),
            let minutes = Int64(String(decoding: text[4...5], as: UTF8.self)), hours <= 14, minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return text[0] == ASCII.minus ? -seconds : seconds
    }
}
