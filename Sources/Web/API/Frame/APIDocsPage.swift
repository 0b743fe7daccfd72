import CCrypto
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The route table as one page for people; no script, no foreign file.
enum APIDocsPage {
    static func response(_ routes: [APIRoute]) -> Response {
        let headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
            .contentSecurityPolicy: "default-src 'none'; style-src 'sha256-\(styleHash)'; base-uri 'none'",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html(routes))))
    }

    private static func html(_ routes: [APIRoute]) -> String {
        let tags = OpenAPIDocument.tags(routes)
        let links = tags.map { "<li><a href=\"#\(anchor($0))\">\(escaped($0))</a></li>" }.joined()
        let sections = tags.map { tag in
            let endpoints = routes.filter { $0.tag == tag }.map(endpoint).joined(separator: "\n")
            return "<section><h2 id=\"\(anchor(tag))\">\(escaped(tag))</h2>\n\(endpoints)</section>"
        }
        return """
            <!doctype html><html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Perennial API</title><style>\(style)</style></head><body>
            <header><h1>Perennial API</h1>
            <p>Send <code>Authorization: Bearer pk_…</code>. Errors are problem documents (RFC 9457) with a stable
            <code>code</code>. Lists give <code>next_cursor</code>; pass it as <code>cursor</code>. Writes take an
            <code>Idempotency-Key</code>. Programs read <a href="/api/openapi.json">the OpenAPI 3.1 document</a>.</p>
            <nav aria-label="Groups"><ul>\(links)</ul></nav></header>
            <main>\(sections.joined(separator: "\n"))</main></body></html>
            """
    }

    private static func endpoint(_ route: APIRoute) -> String {
        var parts = [
            "<article id=\"\(route.operation)\"><h3><b>\(route.method.rawValue)</b> <code>\(escaped(route.path))</code></h3>",
            "<p>\(escaped(route.summary)) <small>\(escaped(access(route.access)))</small></p>",
        ]
        if !route.parameters.isEmpty {
            let rows = route.parameters.map { parameter in
                """
                <tr><td><code>\(escaped(parameter.name))</code></td><td>\(parameter.place.rawValue)\
                \(parameter.isRequired ? ", required" : "")</td>\
                <td><code>\(escaped(parameter.schema.document().text()))</code> \(escaped(parameter.note))</td></tr>
                """
            }
            parts.append("<table>\(rows.joined())</table>")
        }
        switch route.body {
        case .none: break
        case .json(let schema): parts.append(block("Request body", schema))
        case .stream(let schema, let types):
            parts.append(block("Request body, " + types.joined(separator: ", "), schema))
        }
        let codes = route.statuses.map { String($0.code) }
        parts.append(block("Answer, " + codes.joined(separator: ", when repeated "), route.response))
        return parts.joined(separator: "\n") + "</article>"
    }

    private static func block(_ title: String, _ schema: APISchema) -> String {
        "<details><summary>\(escaped(title))</summary><pre>\(escaped(pretty(schema)))</pre></details>"
    }

    /// The schema in lines, named parts written out once.
    private static func pretty(_ schema: APISchema) -> String {
        switch schema {
        case .named(let name, let inner): return "\(name) \(pretty(inner))"
        case .array(let inner, _): return "[\(pretty(inner))]"
        case .nullable(let inner): return "\(pretty(inner)) | null"
        case .anyOf(let choices): return choices.map(pretty).joined(separator: "\nor ")
        case .map(let inner): return "{ …: \(pretty(inner)) }"
        case .object(let fields, let isOpen):
            let lines = fields.map { field in
                let inner = pretty(field.schema).replacingOccurrences(of: "\n", with: "\n  ")
                let note = field.note.isEmpty ? "" : "   — \(field.note)"
                return "  \(field.name)\(field.isRequired ? "" : "?"): \(inner)\(note)"
            }
            return "{\n\((lines + (isOpen ? ["  …"] : [])).joined(separator: "\n"))\n}"
        case .words(let words): return words.joined(separator: " | ")
        case .string: return "string"
        case .id: return "id (digits)"
        case .timestamp: return "time (ISO 8601)"
        case .day: return "day (2026-11-22)"
        case .integer: return "integer"
        case .number: return "number"
        case .boolean: return "true | false"
        case .any: return "any JSON"
        }
    }

    private static func access(_ access: APIRoute.Access) -> String {
        switch access {
        case .open: return "Open to all."
        case .scope(let scope): return "Scope \(scope.rawValue)."
        case .scopes(let one, let other): return "Scopes \(one.rawValue) and \(other.rawValue)."
        case .scopeOrWriteKey(let scope): return "Scope \(scope.rawValue), or a write key."
        }
    }

    private static func anchor(_ tag: String) -> String {
        tag.lowercased().replacingOccurrences(of: " ", with: "-")
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }

    private static let styleHash: String = {
        let bytes = Array(style.utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &digest)
        return Data(digest).base64EncodedString()
    }()

    private static let style = """
        :root{color-scheme:light dark;font:16px/1.6 system-ui,sans-serif}
        body{margin:0 auto;max-width:60rem;padding:1rem 1.25rem 4rem}
        nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0}
        article{border-top:1px solid #8884;padding:.75rem 0}
        h2{margin-top:2.5rem}h3{font-size:1rem;margin:.25rem 0;overflow-wrap:anywhere}
        code,pre{font:.875em/1.5 ui-monospace,monospace}
        pre{overflow-x:auto;padding:.75rem;background:#8881;border-radius:.375rem}
        table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}
        td{padding:.2rem .75rem .2rem 0;vertical-align:top}small{opacity:.75}
        """
}
