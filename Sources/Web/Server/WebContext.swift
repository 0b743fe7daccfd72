import Hummingbird
import Logging
import NIOCore

/// What every request carries before it reaches a feature: nothing about people yet. Collectors, API and console make
/// their own contexts from it (`ChildRequestContext`), so that "signed in" is a fact of types.
package struct WebContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let remoteAddress: SocketAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// A request that came by no connection: for requests made inside the process, as if by `peer`.
    package init(logger: Logger, peer: SocketAddress? = nil) {
        var logger = logger
        logger[metadataKey: "hb.request.id"] = "internal"
        coreContext = CoreRequestContextStorage(source: Unconnected(logger: logger))
        remoteAddress = peer
    }

    private struct Unconnected: RequestContextSource {
        let logger: Logger
    }
}
