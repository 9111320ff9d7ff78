import HTTPTypes
import Phrases

/// `GET /`: a page that shows the API to who opens the address in a browser.
struct APIPage: Sendable {
    let origin: String
    let routes: [Route]

    func answer(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let headers: HTTPFields = [
            .contentLanguage: request.language.rawValue, .vary: "Accept-Language",
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
        ]
        return APIResponse(.ok, .page, Array(html(request).utf8), headers: headers)
    }

    private func html(_ request: APIRequest) -> String {
        let language = request.language
        let title = Phrase(en: "Hanqing: the ledger", zh: "汗青：账本")[language]
        let lead = Phrase(
            en: """
                Other services append events and get proof back. The same for machines: \
                <a href="\(request.base)/openapi.yaml">openapi.yaml</a>.
                """,
            zh: """
                其他业务系统在此报送事件并取得证明。机器可读的接口描述：\
                <a href="\(request.base)/openapi.yaml">openapi.yaml</a>。
                """)[language]
        let rows = routes.map { route in
            """
            <tr><td>\(route.method.rawValue)</td>\
            <td><code>\(escaped(request.base + route.template))</code></td>\
            <td>\(escaped(route.summary[language]))</td></tr>
            """
        }
        return """
            <!doctype html>
            <html lang="\(language.rawValue)">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title) \(escaped(origin))</title>
            <style>
            body { font: 16px/1.6 sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
            td { padding: .2rem 1rem .2rem 0; vertical-align: top }
            tr:nth-child(odd) { background: #f4f4f2 }
            </style>
            <h1>\(title) <code>\(escaped(origin))</code></h1>
            <p>\(lead)</p>
            <table>
            \(rows.joined(separator: "\n"))
            </table>
            </html>

            """
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing("\"", with: "&quot;")
    }
}
