/// The frame of a letter and its parts in HTML: tables and styles in place; classes serve the dark colours alone.
enum EmailPage {
    private static let font =
        "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif"
    static let heading = "margin:0;\(font);font-size:26px;line-height:34px;font-weight:700;color:#1a1a1a"
    static let strong = "margin:8px 0 4px;\(font);font-size:17px;line-height:24px;font-weight:600;color:#1a1a1a"
    static let paragraph = "margin:0 0 12px;\(font);font-size:16px;line-height:25px;color:#333333"
    static let small = "margin:0 0 6px;\(font);font-size:13px;line-height:20px;color:#6b6b6b"
    static let divider =
        "<div class=\"d\" style=\"border-top:1px solid #e4e4e4;font-size:0;line-height:0\">&nbsp;</div>"
    private static let dark = """
        .b{background:#121212!important}.c{background:#1e1e1e!important}.h{color:#f5f5f5!important}\
        .t{color:#d6d6d6!important}.s{color:#a0a0a0!important}.d{border-color:#3a3a3a!important}\
        .p{background:#2a2a2a!important;border-color:#4a4a4a!important}.l{color:#8ab4f8!important}
        """

    /// Dark where the reader's program asks for it.
    private static let asked = "@media (prefers-color-scheme:dark){\(dark)}"

    static func html(
        title: String, preheader: String, body: String, language: String, isDark: Bool, openURL: String?
    ) -> String {
        let scheme = isDark ? dark : asked
        let pixel = openURL.map {
            "<img src=\"\(HTMLText.escaped($0))\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0\">"
        }
        let hidden = "display:none;max-height:0;overflow:hidden;mso-hide:all"
        return """
            <!doctype html>
            <html lang="\(language)"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width,initial-scale=1">\
            <meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
            <title>\(HTMLText.escaped(title))</title>
            <style>\(scheme)
            @media (max-width:600px){.w{width:100%!important}.k{display:block!important;width:100%!important}\
            .r{padding:12px 20px!important}}</style></head>
            <body class="b" style="margin:0;padding:0;background:#f2f2f2">
            <div style="\(hidden)">\(HTMLText.escaped(preheader))</div>
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="b" \
            style="background:#f2f2f2"><tr><td align="center" style="padding:24px 0">
            <table role="presentation" class="w c" width="600" cellpadding="0" cellspacing="0" border="0" \
            style="width:600px;max-width:100%;background:#ffffff;border-radius:8px">
            \(body)</table>
            \(pixel ?? "")</td></tr></table>
            </body></html>
            """
    }

    static func row(_ inside: String) -> String {
        "<tr><td class=\"r\" style=\"padding:12px 36px\">\(inside)</td></tr>\n"
    }

    static func columns(_ columns: [String]) -> String {
        guard !columns.isEmpty else { return "" }
        let width = 100 / columns.count
        let cells = columns.map {
            """
            <td class="k" width="\(width)%" valign="top" style="width:\(width)%">\
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">\($0)</table></td>
            """
        }
        return """
            <tr><td><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">\
            <tr>\(cells.joined())</tr></table></td></tr>

            """
    }

    static func anchor(_ address: String, _ inside: String) -> String {
        "<a class=\"l\" href=\"\(HTMLText.escaped(address))\" style=\"color:#0b57d0\">\(inside)</a>"
    }

    static func picture(_ source: String, alt: String) -> String {
        """
        <img src="\(HTMLText.escaped(source))" alt="\(alt)" \
        style="display:block;width:100%;max-width:100%;height:auto;border:0;border-radius:6px">
        """
    }

    static func button(_ address: String, _ inside: String) -> String {
        """
        <table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0"><tr>\
        <td style="border-radius:6px;background:#0b57d0"><a href="\(HTMLText.escaped(address))" \
        style="display:inline-block;padding:13px 26px;\(font);font-size:16px;font-weight:600;color:#ffffff;\
        text-decoration:none">\(inside)</a></td></tr></table>
        """
    }

    static func panel(_ title: String, _ value: String, isCode: Bool) -> String {
        let face = isCode ? "font-family:Menlo,Consolas,monospace;letter-spacing:2px" : font
        return """
            <div class="p" style="padding:18px;border:1px dashed #c4c4c4;border-radius:8px;background:#fafafa;\
            text-align:center"><p class="t" style="\(paragraph)">\(title)</p>\
            <p class="h" style="margin:0;\(face);font-size:24px;font-weight:700;color:#1a1a1a">\(value)</p></div>
            """
    }
}
