/// Yields at every interval; ends when its task is cancelled.
package struct AsyncTimer: AsyncSequence, Sendable {
    let interval: Duration

    package init(every interval: Duration) {
        self.interval = interval
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        let interval: Duration

        package func next() async -> Void? {
            do {
                try await Task.sleep(for: interval)
                return ()
            } catch {
                return nil
            }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(interval: interval)
    }
}
