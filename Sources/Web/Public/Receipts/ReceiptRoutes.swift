import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// `POST /receipts/PROVIDER/KEY`: what providers say of messages, what people write back, what they do there; and `GET`
/// for those who look whether the address is ours.
///
/// Answered as soon as it is durable; applied from the log afterwards. The key stands in the address because some
/// providers sign nothing; those that do are asked for their signature as well.
struct ReceiptRoutes: Sendable {
    private let context: CollectContext

    init(context: CollectContext) {
        self.context = context
    }

    func add(to router: Router<WebContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("/receipts/{provider}/{key}", method: method) { request, web in
                await answer(
                    request, web.parameters.get("provider") ?? "", Fields.decoded(web.parameters.get("key") ?? ""))
            }
        }
    }

    private func answer(_ request: Request, _ provider: String, _ key: String) async -> Response {
        do {
            var call = ReceivedCall(method: request.method.rawValue)
            call.query = FormFields((request.uri.query ?? "").utf8).texts
            for field in request.headers { call.headers[field.name.canonicalName] = field.value }
            if request.method == .post {
                let body = try await CollectBody.read(request, limit: ProviderLimits.receivedBytes)
                call.body = Array(body.readableBytesView)
            }
            let news = try await ReceivedCalls.take(
                call, of: provider, key: key, context.providers, context.platform, append: context.append)
            return Response(
                status: .ok, headers: [.contentType: news.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: news.answer)))
        } catch ProviderError.unknownProvider, ProviderError.forged {
            return Response(status: .notFound)
        } catch ProviderError.unreadable, ProviderError.notOffered {
            return Response(status: .badRequest)
        } catch let failure as CollectFailure {
            return Response(status: failure.status)
        } catch is CollectBody.Unreadable {
            return Response(status: .badRequest)
        } catch {
            // Providers come again.
            context.platform.logger.warning("A provider's call could not be kept", metadata: ["error": "\(error)"])
            return Response(status: .serviceUnavailable)
        }
    }
}
