import NIOCore

/// Closes a connection whose client takes nothing of its answer for too long; without it a client that asks and never
/// reads would hold a connection for ever. (The server's own idle time does not run while an answer is under way.)
final class StalledAnswerHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    private let limit: TimeAmount
    /// Writes that the client has not taken yet, and when it last took one.
    private var waiting = 0
    private var takenAt = NIODeadline.now()
    private var timer: Scheduled<Void>?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if waiting == 0 { takenAt = .now() }
        waiting += 1
        let taken = promise ?? context.eventLoop.makePromise()
        taken.futureResult.assumeIsolated().whenComplete { _ in
            self.waiting -= 1
            self.takenAt = .now()
        }
        context.write(data, promise: taken)
        if timer == nil { watch(context, until: takenAt + limit) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    private func watch(_ context: ChannelHandlerContext, until deadline: NIODeadline) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            guard self.waiting > 0 else { return }
            let next = self.takenAt + self.limit
            if next > .now() {
                self.watch(context, until: next)
            } else {
                context.close(promise: nil)
            }
        }
    }
}
