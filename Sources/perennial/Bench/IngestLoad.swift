import Foundation
import Synchronization

/// Sends batches over several connections, each a thread with its own schedule.
struct IngestLoad: Sendable {
    struct Result: Sendable {
        var requests = 0
        var failures = 0
        var seconds = 0.0
        /// From the moment a request was due until its answer was in.
        var latencies: [Double] = []
    }

    let host: String
    let port: Int
    let key: String
    let run: String
    let rate: Int
    let seconds: Int
    let connections: Int
    let people: Int
    let batch: Int

    func run() async -> Result {
        let total = Mutex(Result())
        let begun = ContinuousClock.now
        await withCheckedContinuation { continuation in
            let left = Mutex(connections)
            for number in 0..<connections {
                let thread = Thread {
                    let one = self.connection(number, from: begun)
                    total.withLock { total in
                        total.requests += one.requests
                        total.failures += one.failures
                        total.latencies += one.latencies
                    }
                    let isLast = left.withLock { count in
                        count -= 1
                        return count == 0
                    }
                    if isLast { continuation.resume() }
                }
                thread.start()
            }
        }
        var result = total.withLock { $0 }
        result.seconds = (ContinuousClock.now - begun) / .seconds(1)
        result.latencies.sort()
        return result
    }

    private func connection(_ number: Int, from begun: ContinuousClock.Instant) -> Result {
        var result = Result()
        var template = BatchTemplate(
            host: host, key: key, run: run, connection: number, events: batch, now: Self.now())
        var socket: LoadSocket?
        // A linear congruential generator is random enough to spread events over people, and costs nothing.
        var state = UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
        let interval = rate > 0 ? Double(batch * connections) / Double(rate) : 0
        let offset = interval * Double(number) / Double(connections)
        while true {
            let elapsed = (ContinuousClock.now - begun) / .seconds(1)
            let due = rate > 0 ? offset + interval * Double(result.requests) : elapsed
            guard due < Double(seconds), elapsed < Double(seconds) * 2 else { break }
            if due > elapsed { Thread.sleep(forTimeInterval: due - elapsed) }
            template.fill(number: result.requests, people: people, now: Self.now()) { bound in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            result.requests += 1
            do {
                let open = try socket ?? LoadSocket(host: host, port: port)
                socket = open
                if try open.exchange(template.bytes) != 200 { result.failures += 1 }
            } catch {
                result.failures += 1
                socket?.close()
                socket = nil
            }
            result.latencies.append((ContinuousClock.now - begun) / .seconds(1) - due)
        }
        socket?.close()
        return result
    }

    /// RFC 3339, UTC, with milliseconds.
    private static func now() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var fields = tm()
        gmtime_r(&now.tv_sec, &fields)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &fields)
        let milliseconds = now.tv_nsec / 1_000_000
        let padding = milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : ""
        return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            + ".\(padding)\(milliseconds)Z"
    }
}
