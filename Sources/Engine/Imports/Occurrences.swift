/// Numbers equal rows of one file, so that two equal purchases are two and the same file read again is none.
///
/// Open addressing over 8 bytes a row; how often a repeated row was seen is kept apart, since repeats are few.
struct Occurrences {
    private var slots = [UInt64](repeating: 0, count: 1024)
    private var used = 0
    private var repeats: [UInt64: Int] = [:]

    /// 1 for the first row with this digest, 2 for the second, …
    ///
    /// Throws: `ImportError.tooManyRowsWithoutID`.
    mutating func next(_ digest: UInt128) throws(ImportError) -> Int {
        let key = Swift.max(UInt64(truncatingIfNeeded: digest), 1)
        guard insert(key) else {
            repeats[key, default: 1] += 1
            return repeats[key] ?? 1
        }
        guard used <= ImportLimits.rowsWithoutID else {
            throw .tooManyRowsWithoutID(limit: ImportLimits.rowsWithoutID)
        }
        return 1
    }

    /// False when the key was there.
    private mutating func insert(_ key: UInt64) -> Bool {
        if used * 4 >= slots.count * 3 { grow() }
        var index = Int(truncatingIfNeeded: key) & (slots.count - 1)
        while slots[index] != 0 {
            if slots[index] == key { return false }
            index = (index + 1) & (slots.count - 1)
        }
        slots[index] = key
        used += 1
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        used = 0
        for key in old where key != 0 { _ = insert(key) }
    }
}
