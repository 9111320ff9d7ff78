import CanonicalJSON
import Checkpoints
import Digests
import Exports
import Merkle
import Phrases
import Records

/// `index.html`: what is in a bundle, for a court or an inspector, in Chinese and English.
///
/// It needs nothing from outside and runs nothing.
struct BundlePage {
    private let contents: BundleContents

    init(_ contents: BundleContents) {
        self.contents = contents
    }

    var bytes: [UInt8] { Array(html.utf8) }

    private var html: String {
        """
        <!DOCTYPE html>
        <html lang="zh-CN"><head><meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" \
        content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escape(title.zh)) \(escape(title.en))</title>
        <style>\(BundlePage.style)</style></head>
        <body>
        <h1>\(escape(title.zh))<br>\(escape(title.en))</h1>
        \(about)\(limits)\(recordTable)\(attachmentTable)\(timestampTable)
        \(checking)\(electronicData)
        </body></html>

        """
    }

    private static let style = """
        body{font:16px/1.6 sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
        table{border-collapse:collapse;width:100%;font-size:.85rem}
        th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}
        th{background:#eee} code,pre{font:.8rem/1.5 monospace;overflow-wrap:anywhere}
        pre{background:#f4f4f4;padding:.6rem;white-space:pre-wrap} .en{color:#444}
        h2{margin-top:2rem;border-bottom:2px solid #1a1a1a} .limit{border-left:4px solid #b00;\
        padding-left:1rem}
        """

    private var title: Phrase {
        let what = contents.subject.text
        return Phrase(
            en: "Evidence bundle: \(what) of \(contents.subject.origin)",
            zh: "电子数据证据包：\(contents.subject.origin) 账本 \(what)")
    }

    // MARK: - Sections

    private func section(_ en: String, _ zh: String, _ body: String) -> String {
        "<section><h2>\(escape(zh)) · \(escape(en))</h2>\n\(body)</section>\n"
    }

    /// A paragraph in each language.
    private func both(_ phrase: Phrase) -> String {
        "<p>\(escape(phrase.zh))</p><p class=\"en\">\(escape(phrase.en))</p>\n"
    }

    private func table(_ heads: [Phrase], _ rows: [[String]]) -> String {
        let head = heads.map { "<th>\(escape($0.zh))<br>\(escape($0.en))</th>" }.joined()
        let body = rows.map { row in
            "<tr>\(row.map { "<td>\($0)</td>" }.joined())</tr>\n"
        }.joined()
        return "<table><thead><tr>\(head)</tr></thead>\n<tbody>\(body)</tbody></table>\n"
    }

    private var about: String {
        let checkpoint = contents.checkpoint
        let rows = [
            ["账本 · ledger", code(contents.subject.origin)],
            ["内容 · contents", code(contents.subject.text)],
            [
                "检查点 · checkpoint",
                "\(checkpoint.size) 条记录 · records<br>\(code(checkpoint.root.description))",
            ],
            ["验证密钥 · verifier key", code("\(checkpoint.key)")],
        ].map { "<tr><th>\($0[0])</th><td>\($0[1])</td></tr>\n" }.joined()
        let text = Phrase(
            en: "The verifier key must be compared with the one that the bureau published or gave "
                + "to auditors by another way: a key from this bundle alone proves little.",
            zh: "验证密钥须与建账单位公布的、或审计人员另行取得的密钥核对；仅凭本包所载密钥，证明力有限。")
        return section("What this is", "基本信息", "<table>\(rows)</table>\n" + both(text))
    }

    private var limits: String {
        section(
            "What it proves, and what not", "能证明什么，不能证明什么",
            "<div class=\"limit\">"
                + both(
                    Phrase(
                        en: "It proves that each record below is unchanged since it was entered "
                            + "into the ledger, to the last byte, and with a timestamp that it was "
                            + "there by that time. It does not prove that what was entered was "
                            + "true when it was entered.",
                        zh: "能证明：下列每条记录自入账以来逐字节未被改动；有时间戳的，在该时间之前已经存在。"
                            + "不能证明：入账时所载内容属实。"))
                + both(
                    Phrase(
                        en: "Nor that nothing else happened: later records of the case, and other "
                            + "cases, may exist. This page explains and is no evidence itself; the "
                            + "other files are.",
                        zh: "也不能证明没有其他事实：检查点之后的记录及其他案件可能存在。本页仅作说明，本身不是证据；证据为包内其他文件。"))
                + "</div>\n")
    }

    private var recordTable: String {
        let asked = Set(contents.subject.asked)
        let rows = contents.records.filter { asked.contains($0.sequence) }.map(row)
        let heads = [
            Phrase(en: "record", zh: "记录"), Phrase(en: "event", zh: "事件"),
            Phrase(en: "happened", zh: "发生时间"), Phrase(en: "entered (UTC)", zh: "入账时间（UTC）"),
            Phrase(en: "source", zh: "来源"), Phrase(en: "names persons", zh: "是否指明个人"),
        ]
        let note = Phrase(
            en: "Records that name persons hold personal data: show this bundle only to those who "
                + "may see it. The exact bytes are in records/.",
            zh: "指明个人的记录含个人信息，本包仅可提供给有权查阅的人员。记录原文见 records/。")
        return section("Records", "记录", table(heads, rows) + both(note))
    }

    private func row(_ record: BundledRecord) -> [String] {
        let number = "<code>\(record.sequence)</code>"
        guard let value = try? JSONValue(parsing: record.line), let event = value["event"] else {
            return [number, "已遮蔽 · withheld", "", "", "", "否 · no"]
        }
        func text(_ value: JSONValue?) -> String { escape(value?.string ?? "") }
        let title = record.title.map { "\(escape($0.zh)) · \(escape($0.en))<br>" } ?? ""
        let unit = text(event["data"]?["operator"]?["unit"])
        let persons = record.persons.map { "\(escape($0.zh)) · \(escape($0.en))" }
        return [
            number, "\(title)<code>\(text(event["type"]))</code>", text(event["time"]),
            text(value["chain"]?["recorded"]),
            "\(text(value["intake"]?["recorder"]))<br>\(text(event["source"]))<br>\(unit)",
            persons.isEmpty ? "否 · no" : "是 · yes:<br>" + persons.joined(separator: "<br>"),
        ]
    }

    private var attachmentTable: String {
        var rows: [[String]] = []
        for record in contents.records {
            guard let value = try? JSONValue(parsing: record.line) else { continue }
            for item in value["event"]?["data"]?["attachments"]?.array ?? [] {
                let isHeld = item["held"]?.string == "ledger"
                rows.append([
                    "<code>\(record.sequence)</code>", escape(item["name"]?.string ?? ""),
                    escape(item["mediaType"]?.string ?? ""),
                    item["bytes"]?.integer.map { "\($0)" } ?? "",
                    code(item["sha256"]?.string ?? ""),
                    isHeld ? "本包 attachments/ · here" : "提交单位 · with the producer",
                ])
            }
        }
        guard !rows.isEmpty else { return "" }
        let heads = [
            Phrase(en: "record", zh: "记录"), Phrase(en: "name", zh: "名称"),
            Phrase(en: "type", zh: "类型"), Phrase(en: "bytes", zh: "字节数"),
            Phrase(en: "SHA-256, in the record", zh: "SHA-256（载于记录）"),
            Phrase(en: "where", zh: "存放处"),
        ]
        let note = Phrase(
            en: "The producer states the digest before the file is uploaded, and the record that "
                + "names it is entered only with the file at hand: so the file is the one that the "
                + "record meant.",
            zh: "提交单位在上传文件之前先给出摘要，账本收到相符的文件后才将载有该摘要的记录入账，因此文件即记录所指的文件。")
        return section("Attachments", "附件", table(heads, rows) + both(note))
    }
}

extension BundlePage {
    private var timestampTable: String {
        guard !contents.timestamps.isEmpty else {
            return section(
                "Timestamps", "可信时间戳",
                both(
                    Phrase(
                        en: "None. The times above are those of the ledger's own machine.",
                        zh: "无。上述入账时间为账本所在机器的时钟。")))
        }
        var covered: [UInt64: [UInt64]] = [:]
        for record in contents.records {
            if let stamped = record.stamped {
                covered[stamped.number, default: []].append(record.sequence)
            }
        }
        let rows = contents.timestamps.compactMap { row($0, covered[$0.number] ?? []) }
        let heads = [
            Phrase(en: "number", zh: "编号"), Phrase(en: "time (UTC)", zh: "时间（UTC）"),
            Phrase(en: "authority", zh: "签发机构"), Phrase(en: "policy, serial", zh: "策略、序列号"),
            Phrase(en: "certificate ends", zh: "证书到期"),
            Phrase(en: "first to cover records", zh: "最先涵盖的记录"),
        ]
        let note = Phrase(
            en: "An authority outside stated that it saw the digest of the checkpoint at that time "
                + "(RFC 3161). Whether the authority is qualified by law is not in its "
                + "certificate: ask it for its licence (in China: 电子认证服务许可 and what the national time "
                + "service certifies), and get its root certificate from it directly.",
            zh: "由外部时间戳机构声明其在该时间见到检查点的摘要（RFC 3161）。该机构是否具备法定资质不载于证书："
                + "请向其索取资质证明（如电子认证服务许可证、国家授时机构的证明），并直接向其取得根证书。")
        return section("Timestamps", "可信时间戳", table(heads, rows) + both(note))
    }

    private func row(_ kept: KeptTimestamp, _ records: [UInt64]) -> [String]? {
        let found = try? VerifiedTimestamp(
            verifying: kept, of: contents.checkpoint.origin, by: contents.keys)
        guard let token = found?.token else {
            return [code(kept.folder), "", "", "", "", ""]
        }
        func moment(_ microseconds: Int64) -> String { Timestamp(microseconds: microseconds).text }
        return [
            code(kept.folder), moment(token.microseconds), escape(token.signer),
            "\(escape(token.policy))<br>\(code(Hex.encode(token.serial)))",
            moment(token.certificateEnd * 1_000_000),
            records.map { "\($0)" }.joined(separator: ", "),
        ]
    }

    private var checking: String {
        let first = contents.subject.asked.first ?? 0
        let record = BundleName.digits(first)
        let stamp = contents.timestamps.first.map { kept in
            """
            # 时间戳 · a timestamp, at the present day; root.pem from the authority itself
            openssl ts -verify -in timestamps/\(kept.folder)/reply.tsr \
            -data timestamps/\(kept.folder)/message -CAfile root.pem
            """
        }
        let commands = """
            tar xf FILE.tar                                # 解包 · unpack
            sha256sum -c bundle/SHA256SUMS                 # 各文件摘要 · digests of all files
            python3 bundle/verify.py bundle FILE.tar --vkey 'KEY'   # 全部核对 · everything
            cd bundle
            # 检查点的签名 · the checkpoint's signature
            head -n 3 checkpoint > text
            grep '^— ' checkpoint | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 > signature
            openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature
            # 记录的叶哈希 · the leaf hash of record \(first)
            { printf '\\0'; cat records/\(record).json; } | sha256sum
            \(stamp ?? "")
            """
        return section(
            "How to check it", "如何核验",
            both(
                Phrase(
                    en: "With common tools; verify.py needs Python 3 and openssl, and reads the "
                        + "archive without unpacking it. Better take it from the project's own "
                        + "pages than from here.",
                    zh: "使用通用工具即可；verify.py 需要 Python 3 和 openssl，可直接读取归档而不解包。"
                        + "宜从项目主页另行取得 verify.py。"))
                + "<pre>\(escape(commands))</pre>\n")
    }

    private var electronicData: String {
        let points = [
            Phrase(
                en: "Source: each record names the system or person through whom it came in, and "
                    + "the unit that entered it.",
                zh: "来源：每条记录载明经由何系统或人员提交、由何单位录入。"),
            Phrase(
                en:
                    "Capture: files are taken as they are, by digest; how a photograph or a sound "
                    + "recording was taken is what the record says of it.",
                zh: "提取：文件按摘要原样收存；照片、录音等如何取得，以记录所载为准。"),
            Phrase(
                en: "Integrity: hash chain, Merkle tree (RFC 6962), Ed25519 signature, witnesses' "
                    + "cosignatures and timestamps where they exist.",
                zh: "完整性：哈希链、默克尔树（RFC 6962）、Ed25519 签名，以及见证人联署和可信时间戳（如有）。"),
            Phrase(
                en: "Authenticity of contents is for the court to judge from all evidence.",
                zh: "内容的真实性由法庭结合全部证据判断。"),
        ]
        return section(
            "As electronic data", "作为电子数据",
            "<ul>\(points.map { "<li>\(both($0))</li>" }.joined(separator: "\n"))</ul>\n")
    }

    private func code(_ text: String) -> String { "<code>\(escape(text))</code>" }
}

private func escape(_ text: String) -> String { VisibleText.html(text) }
