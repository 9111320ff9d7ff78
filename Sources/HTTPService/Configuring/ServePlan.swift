import LedgerHome

/// Settings that a service can be started with: Specs/serving.md section 3.
package struct ServePlan: Sendable {
    package let address: ListenAddress
    /// Nil: HTTP in the clear.
    package let certificates: TLSCertificates?
    package let withoutTokens: Bool
    package let scrubs: Bool
    /// At least one; more than one have each a prefix.
    package let ledgers: [ServedFolder]

    private static let standardAddress = "127.0.0.1:8610"
    /// First segments that a ledger alone has itself, or the service as a whole.
    private static let reserved: Set = [
        "v1", "checkpoint", "tile", "healthz", "readyz", "metrics",
    ]

    /// Nil if anything is at fault; all that is, is added to `faults`.
    ///
    /// Whether a ledger can be opened, only opening it says.
    package init?(_ settings: ServeSettings, _ faults: inout [ServeFault]) {
        let countBefore = faults.count
        let listen = settings.listen ?? .init(ServePlan.standardAddress, at: "--listen")
        let address = ListenAddress(listen.value)
        if address == nil {
            faults.append(
                ServeFault(
                    listen.place, en: "expected a host and a port, such as 127.0.0.1:8610",
                    zh: "应为主机和端口，如 127.0.0.1:8610"))
        }
        withoutTokens = settings.withoutTokens?.value ?? false
        if withoutTokens, let address, !address.isLoopback {
            faults.append(
                ServeFault(
                    settings.withoutTokens?.place ?? "",
                    en: "without tokens only a loopback address may be served (127.0.0.1, ::1, "
                        + "localhost), not \(address.host)",
                    zh: "不用令牌时仅限本机回环地址（127.0.0.1、::1、localhost），不可为 \(address.host)"))
        }
        scrubs = settings.scrub?.value ?? true
        certificates = ServePlan.certificates(settings, &faults)
        ledgers = ServePlan.ledgers(settings, &faults)
        guard let address, faults.count == countBefore else { return nil }
        self.address = address
    }

    private static func certificates(
        _ settings: ServeSettings, _ faults: inout [ServeFault]
    ) -> TLSCertificates? {
        guard let certificate = settings.certificate, let key = settings.key else {
            if let lonely = settings.certificate ?? settings.key ?? settings.clientAuthorities {
                faults.append(
                    ServeFault(
                        lonely.place, en: "TLS needs a certificate and its key",
                        zh: "TLS 须同时指定证书和私钥"))
            }
            return nil
        }
        do throws(LedgerError) {
            return try TLSCertificates(
                TLSFiles(
                    certificate: certificate.value, key: key.value,
                    clientAuthorities: settings.clientAuthorities?.value))
        } catch {
            faults.append(ServeFault(certificate.place, error))
            return nil
        }
    }

    private static func ledgers(
        _ settings: ServeSettings, _ faults: inout [ServeFault]
    ) -> [ServedFolder] {
        let named = settings.ledgers ?? []
        if named.isEmpty {
            faults.append(
                ServeFault(
                    "--ledger",
                    en: "which ledger? Name its folder with --ledger, "
                        + "HANQING_SERVE_LEDGER, ledgers in the file, or HANQING_LEDGER",
                    zh: "哪个账本？请用 --ledger、HANQING_SERVE_LEDGER、文件中的 ledgers 或 HANQING_LEDGER 指定目录"))
        }
        var prefixes: Set<String> = []
        var origins: Set<String> = []
        for one in named {
            if let prefix = one.prefix {
                check(prefix, &faults)
                if !prefixes.insert(prefix.value).inserted {
                    faults.append(
                        ServeFault(
                            prefix.place, en: "another ledger has this prefix", zh: "前缀与另一账本相同"))
                }
            } else if named.count > 1 {
                faults.append(
                    ServeFault(
                        one.folder.place, en: "each of several ledgers needs a prefix",
                        zh: "多个账本各须指定 prefix"))
            }
            do throws(LedgerError) {
                let origin = try LedgerSettings(folder: one.folder.value).origin
                if !origins.insert(origin).inserted {
                    faults.append(
                        ServeFault(
                            one.folder.place, en: "another ledger has the origin \(origin) too",
                            zh: "另一账本的 origin 也是 \(origin)"))
                }
            } catch {
                faults.append(ServeFault(one.folder.place, error))
            }
        }
        return zip(named, targets(settings, &faults)).map { one, targets in
            ServedFolder(
                prefix: one.prefix?.value, folder: one.folder.value, publish: targets)
        }
    }

    private static func check(
        _ prefix: ServeSettings.Said<String>, _ faults: inout [ServeFault]
    ) {
        let isWord =
            prefix.value.utf8.count <= 63 && prefix.value.wholeMatch(of: /[a-z][a-z0-9\-]*/) != nil
        guard isWord, !reserved.contains(prefix.value) else {
            faults.append(
                ServeFault(
                    prefix.place,
                    en: "a prefix is a word of a-z, 0-9 and hyphens, such as hangzhou, and none of "
                        + reserved.sorted().joined(separator: ", "),
                    zh: "前缀由小写字母、数字和连字符组成，如 hangzhou，且不可为 "
                        + reserved.sorted().joined(separator: "、")))
            return
        }
    }
}
