/// Values that programs send when they know nobody; linking them would make one person of thousands.
enum BlockedValues {
    private static let words: Set<String> = [
        "", "null", "nil", "undefined", "none", "nan", "n/a", "na", "0", "-1", "false", "true", "unknown", "guest",
        "anonymous", "anon", "user", "userid", "user_id", "default", "test", "[object object]", "(null)", "<null>",
        "\"\"", "not set", "(not set)", "notset", "unset", "invalid", "error", "empty", "unavailable", "未知", "匿名",
        "游客", "访客", "测试",
        // Advertising ids of people who said no (Apple: all zero), and emulators' device ids.
        "00000000-0000-0000-0000-000000000000", "9774d56d682e549c", "000000000000000", "012345678912345",
        "02:00:00:00:00:00", "00:00:00:00:00:00",
    ]
    private static let longestWord = 40

    static func contains(_ value: String) -> Bool {
        let count = value.utf8.count
        guard count <= longestWord else { return false }
        if count > 3, isOneCharacter(value) { return true }
        // Most values hold a digit and letters and are longer than any word: skip the lower-casing for them.
        return words.contains(value) || (count <= 16 && words.contains(value.lowercased()))
    }

    /// `0000`, `-----`, `xxxxxxxx`: the same byte over and over, dashes aside.
    private static func isOneCharacter(_ value: String) -> Bool {
        var seen: UInt8?
        for byte in value.utf8 where byte != UInt8(ascii: "-") {
            if let seen, seen != byte { return false }
            seen = byte
        }
        guard let seen else { return true }
        return seen == UInt8(ascii: "0") || seen | 0x20 == UInt8(ascii: "x")
            || seen | 0x20 == UInt8(ascii: "f") || seen == UInt8(ascii: "*")
    }
}
