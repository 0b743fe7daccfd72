/// One event as it stands in the log.
package struct LoggedEvent: Sendable, Equatable {
    package var position: Int64
    package var sourceID: Int64
    package var event: IncomingEvent

    package init(position: Int64, sourceID: Int64, event: IncomingEvent) {
        self.position = position
        self.sourceID = sourceID
        self.event = event
    }
}
