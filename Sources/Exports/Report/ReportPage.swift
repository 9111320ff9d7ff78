import Phrases
import Records

/// What every page of a report has: head, navigation, and at the end what it was made from.
struct ReportPage {
    /// What it was made from; the first gives the language.
    let sources: [ExportSource]
    let title: String
    /// Below the title.
    var subtitle: Markup = ""
    /// Other pages, with the name of this one among them.
    var pages: [(title: String, file: String)] = []
    var file = ""
    let body: Markup

    /// Inline styles and nothing else: even markup by mistake could not run or fetch anything.
    private static let policy: Markup = "default-src 'none'; style-src 'unsafe-inline'"

    var bytes: [UInt8] { Array(markup.text.utf8) }

    private var markup: Markup {
        let language: Markup = sources[0].language == .chinese ? "zh-CN" : "en"
        return """
            <!DOCTYPE html>
            <html lang="\(language)"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(ReportPage.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            \(Stylesheet.text)
            </style></head>
            <body>
            \(navigation)<h1>\(title)</h1>
            <p class="sub">\(subtitle)</p>
            \(body)
            \(footer)
            </body></html>

            """
    }

    private var navigation: Markup {
        guard !pages.isEmpty else { return "" }
        let links = pages.map { page -> Markup in
            page.file == file
                ? "<a class=\"here\" href=\"\(page.file)\">\(page.title)</a>"
                : "<a href=\"\(page.file)\">\(page.title)</a>"
        }.joined()
        return "<nav>\(links)</nav>\n"
    }

    private var footer: Markup {
        let heads = sources.map { source -> Markup in
            let words = ReportWords(source)
            return """
                <dl>
                <dt>\(words("Ledger", "账本"))</dt><dd>\(source.origin)</dd>
                <dt>\(words("Records", "记录数"))</dt><dd>\(grouped(source.size))</dd>
                <dt>\(words("Root hash", "根哈希"))</dt><dd class="mono">\(source.root)</dd>
                <dt>\(words("As of", "截至"))</dt><dd>\(words.time(source.asOf))</dd>
                </dl>
                """
        }.joined()
        return "<footer>\(heads)<p>\(ReportWords(sources[0]).notEvidence)</p></footer>"
    }
}
