import CCrypto
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Time, identifiers and randomness. Nothing else in the engine reads a clock or a generator, so tests, replay and the
/// simulation can hand in their own.
package struct Effects: Sendable {
    /// The wall clock.
    package var now: @Sendable () -> Timestamp
    /// A new positive 63-bit identifier, roughly ordered by time, unique across processes in practice.
    package var newID: @Sendable () -> Int64
    /// Bytes from a cryptographic source.
    package var randomBytes: @Sendable (_ count: Int) -> [UInt8]

    package init(
        now: @escaping @Sendable () -> Timestamp, newID: @escaping @Sendable () -> Int64,
        randomBytes: @escaping @Sendable (_ count: Int) -> [UInt8]
    ) {
        self.now = now
        self.newID = newID
        self.randomBytes = randomBytes
    }
}

extension Effects {
    /// The real clock and OpenSSL's generator.
    package static let live = Effects(
        now: { systemClock() },
        newID: { numbers.withLock { $0.next(at: systemClock()) } },
        randomBytes: { systemRandomBytes($0) }
    )

    /// 39 bits of milliseconds since 2024 (17 years) above 24 random bits.
    static func identifier(at now: Timestamp, random: some Sequence<UInt8>) -> Int64 {
        let epoch2024: Int64 = 1_704_067_200_000
        let bits = random.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return (now.milliseconds - epoch2024) << 24 | bits
    }

    /// What identifiers are made of. Asking the generator costs more than all the rest, so it is asked for many at once.
    private struct Numbers: Sendable {
        /// The last one given out: of a thousand drawn in one millisecond two would be the same every thirty times.
        var last: Int64 = 0
        var random: ArraySlice<UInt8> = []

        private static let bytes = 3
        private static let drawn = 256

        /// The identifier, or the one behind the last where that is not beyond it, also when the clock went back.
        mutating func next(at now: Timestamp) -> Int64 {
            if random.isEmpty { random = systemRandomBytes(Self.bytes * Self.drawn)[...] }
            last = max(identifier(at: now, random: random.prefix(Self.bytes)), last + 1)
            random = random.dropFirst(Self.bytes)
            return last
        }
    }

    private static let numbers = Mutex(Numbers())

    private static func systemClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private static func systemRandomBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let drawn = RAND_bytes(&bytes, Int32(count))
        precondition(drawn == 1, "the system's random generator failed")
        return bytes
    }
}

extension Effects {
    /// Random bytes as lower-case hexadecimal, two characters a byte.
    package func randomHex(bytes count: Int) -> String {
        randomBytes(count).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
