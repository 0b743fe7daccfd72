import Engine
import HTTPTypes
import Hummingbird
import Logging

/// Puts the console on a router: its pages, sign-in and the browser's files.
package enum ConsoleRoutes {
    /// Registers every route of `ConsoleCatalog` and `SignInRoutes`, `/assets/…`, and the page for dead ends.
    ///
    /// The throttle of sign-in counts by the peer's address when the context knows one
    /// (`RemoteAddressRequestContext`).
    package static func register<Context: RequestContext>(_ console: Console, on router: Router<Context>) {
        router.addMiddleware { DeadEndMiddleware<Context>(console: console) }
        for route in ConsoleCatalog.routes {
            let method: HTTPRequest.Method = route.changes ? .post : .get
            router.on(RouterPath(route.path), method: method) { request, context -> Response in
                await Visit(console, request, context).answer(route)
            }
        }
        for route in SignInRoutes.all {
            router.on(RouterPath(route.path), method: route.method) { request, context -> Response in
                await Visit(console, request, context).answer(route)
            }
        }
        router.on("/assets/**", method: .get) { request, _ -> Response in
            await AssetReply.answer(request, from: console.assets)
        }
    }
}
