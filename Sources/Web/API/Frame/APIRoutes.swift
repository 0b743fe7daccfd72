import Engine
import HTTPTypes
import Hummingbird

/// Registers the endpoints of `APICatalog`, the OpenAPI document and its page.
package struct APIRoutes: Sendable {
    private let context: APIContext
    private let routes: [APIRoute]

    package init(context: APIContext, routes: [APIRoute] = APICatalog.routes) {
        self.context = context
        self.routes = routes
    }

    package func add(to router: Router<WebContext>) {
        for (path, group) in Dictionary(grouping: routes, by: \.path).sorted(by: { $0.key < $1.key }) {
            add(path, group, to: router)
        }
        let document = OpenAPIDocument.text(routes)
        router.get("/api/openapi.json") { _, _ in
            APIResponse.http(status: .ok, text: document, headers: [.accessControlAllowOrigin: "*"])
        }
        let page = APIDocsPage.response(routes)
        router.get("/api/docs") { _, _ in page }
        for method in Self.methods {
            router.on("/api/**", method: method) { _, _ in Problem.notFound("endpoint").response() }
        }
    }

    /// Methods that are answered at every address, so that none falls through to a bare 404.
    private static let methods: [HTTPRequest.Method] =
        [.get, .post, .put, .patch, .delete, .trace] + ["QUERY"].compactMap(HTTPRequest.Method.init(rawValue:))

    private func add(_ path: String, _ group: [APIRoute], to router: Router<WebContext>) {
        for route in group {
            let responder = APIResponder(route: route, context: context)
            router.on(RouterPath(path), method: route.method) { request, web in
                let response = await responder.respond(
                    to: request, parameters: web.parameters, requestID: Self.requestID(request, web),
                    peer: web.remoteAddress)
                // Pages send events straight from the browser, with their write key.
                return route.isOpenToPages ? CORS.allow(response, for: request) : response
            }
        }
        let allowed = group.map(\.method.rawValue).sorted().joined(separator: ", ")
        for method in Self.methods where !group.contains(where: { $0.method == method }) {
            router.on(RouterPath(path), method: method) { _, _ in
                Problem(
                    .methodNotAllowed, "method_not_allowed", "Allowed here: \(allowed).", headers: [.allow: allowed]
                ).response()
            }
        }
    }

    private static let requestIDCharacters = 64

    /// The caller's own id where it is a plain word, else the server's.
    private static func requestID(_ request: Request, _ web: WebContext) -> String {
        guard let id = request.headers[APIHeader.requestID], (1...requestIDCharacters).contains(id.utf8.count),
            id.utf8.allSatisfy({ $0.isWordCharacter })
        else { return web.id }
        return id
    }
}

extension UInt8 {
    fileprivate var isWordCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            return true
        default: return false
        }
    }
}
