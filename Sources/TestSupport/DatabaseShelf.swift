/// The databases of a test server that no test uses at the moment.
///
/// Making a database costs the server much more than emptying one, so they go round: whoever asks takes one that was
/// given back, and only while nobody gives one back is another made, one at a time.
actor DatabaseShelf {
    private var idle: [String] = []
    private var waiters: [CheckedContinuation<String, any Error>] = []
    private var isMaking = false
    private let make: @Sendable () async throws -> String

    init(make: @escaping @Sendable () async throws -> String) {
        self.make = make
    }

    func take() async throws -> String {
        if let name = idle.popLast() { return name }
        return try await withCheckedThrowingContinuation { continuation in
            waiters.append(continuation)
            makeMoreIfNeeded()
        }
    }

    func giveBack(_ name: String) {
        guard !waiters.isEmpty else {
            idle.append(name)
            return
        }
        waiters.removeFirst().resume(returning: name)
    }

    private func makeMoreIfNeeded() {
        guard !isMaking, !waiters.isEmpty else { return }
        isMaking = true
        Task {
            do {
                let name = try await make()
                isMaking = false
                giveBack(name)
            } catch {
                isMaking = false
                if !waiters.isEmpty { waiters.removeFirst().resume(throwing: error) }
            }
            makeMoreIfNeeded()
        }
    }
}
