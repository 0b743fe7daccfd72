import Engine

extension JSONValue {
    /// The document as text that may stand inside an HTML script element: `<`, `>` and `&` escaped.
    var scriptText: String {
        text().replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
    }
}
