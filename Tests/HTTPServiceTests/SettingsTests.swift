import Foundation
import HTTPService
import Phrases
import TestKit
import Testing

/// Settings of `hanqing serve`: Specs/serving.md section 3.
@Suite struct SettingsTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func write(_ text: String) throws -> String {
        let path = folder.path + "/serve.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func read(_ text: String) throws -> (ServeSettings, [ServeFault]) {
        var faults: [ServeFault] = []
        let settings = ServeSettings.reading(file: try write(text), &faults)
        return (settings, faults)
    }

    @Test func `a file says all that flags can say`() throws {
        let (settings, faults) = try read(
            """
            format: 1
            listen: 10.0.0.1:443
            withoutTokens: false
            scrub: false
            tls: {certificate: tls/chain.pem, key: /etc/key.pem, clientCA: ca.pem}
            ledgers:
              - {ledger: /var/one, prefix: one}
              - ledger: two
                prefix: two
                publish: [{folder: tiles, policy: w.policy}, {folder: /a, withEntries: true}]
            """)
        #expect(faults == [])
        #expect(settings.listen?.value == "10.0.0.1:443")
        #expect(settings.listen?.place == folder.path + "/serve.yaml:2:9")
        #expect(settings.withoutTokens?.value == false)
        #expect(settings.scrub?.value == false)
        #expect(settings.certificate?.value == folder.path + "/tls/chain.pem")
        #expect(settings.key?.value == "/etc/key.pem")
        #expect(settings.clientAuthorities?.value == folder.path + "/ca.pem")
        #expect(settings.ledgers?.map { $0.folder.value } == ["/var/one", folder.path + "/two"])
        #expect(settings.ledgers?.map { $0.prefix?.value } == ["one", "two"])
        let publish = settings.ledgers?.map(\.publish) ?? []
        #expect(publish.map(\.count) == [0, 2])
        #expect(publish.last?.map(\.folder.value) == [folder.path + "/tiles", "/a"])
        #expect(publish.last?.map(\.policy?.value) == [folder.path + "/w.policy", nil])
        #expect(publish.last?.map(\.withEntries) == [false, true])
    }

    @Test func `every fault of a file is told with its place`() throws {
        let (_, faults) = try read(
            """
            format: 2
            listen: [1]
            port: 80
            withoutTokens: maybe
            tls: {certificate: a, keys: b}
            ledgers:
              - prefix: one
              - {ledger: two, folder: x}
              - {ledger: three, publish: x}
              - {ledger: four, publish: [{policy: p}, {folder: f, at: "02:00"}]}
            """)
        let places = faults.map { $0.place.dropFirst(folder.path.utf8.count + 12) }
        #expect(
            places == [
                "3:1", "1:9", "2:9", "4:16", "5:23", "7:5", "8:19", "9:30", "10:30", "10:55",
            ])
        #expect(faults.allSatisfy { !$0.reason.zh.isEmpty && !$0.reason.en.isEmpty })
    }

    @Test(arguments: ["", "a: b: c", "- 1", "\u{7}", "format: 1\nformat: 1"])
    func `what is no block of settings is a fault`(text: String) throws {
        let (_, faults) = try read(text)
        #expect(!faults.isEmpty)
    }

    @Test func `a missing file is a fault`() {
        var faults: [ServeFault] = []
        _ = ServeSettings.reading(file: folder.path + "/none.yaml", &faults)
        #expect(faults.map(\.place) == [folder.path + "/none.yaml"])
    }

    @Test func `the environment is read by its names, and an unknown one is a fault`() {
        var faults: [ServeFault] = []
        let settings = ServeSettings.reading(
            environment: [
                "HANQING_SERVE_LISTEN": "[::1]:1", "HANQING_SERVE_TLS_CERTIFICATE": "c",
                "HANQING_SERVE_TLS_KEY": "k", "HANQING_SERVE_CLIENT_CA": "a",
                "HANQING_SERVE_LEDGER": "l", "HANQING_SERVE_PUBLISH": "t",
                "HANQING_SERVE_PUBLISH_POLICY": "p", "HANQING_SERVE_WITHOUT_TOKENS": "true",
                "HANQING_SERVE_SCRUB": "no", "HANQING_SERVE_PORT": "80",
                "HANQING_SERVE_CONFIG": "x", "HANQING_LEDGER": "other",
            ], &faults)
        #expect(settings.listen?.value == "[::1]:1")
        #expect(settings.certificate?.value == "c" && settings.key?.value == "k")
        #expect(settings.clientAuthorities?.value == "a")
        #expect(settings.ledgers?.map { $0.folder.value } == ["l"])
        #expect(settings.publish?.value == "t" && settings.publishPolicy?.value == "p")
        #expect(settings.withoutTokens?.value == true && settings.scrub == nil)
        #expect(faults.map(\.place) == ["HANQING_SERVE_PORT", "HANQING_SERVE_SCRUB"])
    }

    @Test func `what is said first counts, setting by setting`() {
        var (flags, file) = (ServeSettings(), ServeSettings())
        flags.listen = .init("flag", at: "--listen")
        file.listen = .init("file", at: "file")
        file.key = .init("key", at: "file")
        file.ledgers = []
        let all = flags.over(file)
        #expect(all.listen?.value == "flag" && all.key?.value == "key")
        #expect(all.ledgers != nil && all.certificate == nil)
    }

    // MARK: - Plans

    private func faults(_ settings: ServeSettings) -> [ServeFault] {
        var faults: [ServeFault] = []
        let plan = ServePlan(settings, &faults)
        #expect((plan == nil) == !faults.isEmpty)
        return faults
    }

    private func settings(_ ledgers: [(String?, String)]) throws -> ServeSettings {
        var settings = ServeSettings()
        settings.ledgers = try ledgers.enumerated().map { place, named in
            let path = "\(folder.path)/\(place)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            try Data("format: 1\norigin: \(named.1)\n".utf8)
                .write(to: URL(filePath: path + "/ledger.yaml"))
            return .init(
                prefix: named.0.map { .init($0, at: "prefix \(place)") },
                folder: .init(path, at: "ledger \(place)"))
        }
        return settings
    }

    @Test func `several ledgers have prefixes of their own`() throws {
        #expect(faults(try settings([(nil, "a.example")])) == [])
        #expect(faults(try settings([("a", "a.example"), ("b-2", "b.example")])) == [])
        let places = { (ledgers: [(String?, String)]) in
            faults(try settings(ledgers)).map(\.place)
        }
        #expect(try places([("a", "a.example"), (nil, "b.example")]) == ["ledger 1"])
        #expect(try places([("a", "a.example"), ("a", "b.example")]) == ["prefix 1"])
        #expect(try places([("a", "a.example"), ("b", "a.example")]) == ["ledger 1"])
        for bad in ["", "A", "1a", "a/b", "v1", "metrics", String(repeating: "a", count: 64)] {
            #expect(try places([(bad, "a.example")]) == ["prefix 0"], "\(bad)")
        }
        var none = try settings([(nil, "a.example")])
        none.ledgers = [.init(folder: .init(folder.path + "/none", at: "ledger"))]
        #expect(faults(none).map(\.place) == ["ledger"])
        #expect(faults(ServeSettings()).map(\.place) == ["--ledger"])
    }

    @Test func `a plan needs an address, and a key with a certificate`() throws {
        var one = try settings([(nil, "a.example")])
        for listen in ["8610", "host", ":1", "h:70000", "::1:80", "[::1]", "[h]:1", "h:-1"] {
            one.listen = .init(listen, at: "place")
            #expect(faults(one).map(\.place) == ["place"], "\(listen)")
        }
        one.listen = nil
        for set in [\ServeSettings.certificate, \.key, \.clientAuthorities] {
            var lonely = one
            lonely[keyPath: set] = .init("x", at: "lonely")
            #expect(faults(lonely).map(\.place) == ["lonely"])
        }
    }

    @Test func `where to publish is told by the file, or by flags for the one ledger`() throws {
        let policy = folder.path + "/w.policy"
        try Data("quorum none\n".utf8).write(to: URL(filePath: policy))
        func plan(_ settings: ServeSettings) throws -> ServePlan {
            var faults: [ServeFault] = []
            return try #require(ServePlan(settings, &faults), "\(faults)")
        }
        var one = try settings([(nil, "a.example")])
        (one.publish, one.publishPolicy) = (.init("t", at: "-t"), .init(policy, at: "-p"))
        let targets = try plan(one).ledgers[0].publish
        #expect(targets.map(\.folder) == ["t"] && targets[0].policy != nil)
        var wrong = one
        wrong.publishPolicy = .init(folder.path + "/none", at: "-p")
        #expect(faults(wrong).map(\.place) == ["-p"])
        try Data("quorum nobody\n".utf8).write(to: URL(filePath: folder.path + "/bad"))
        wrong.publishPolicy = .init(folder.path + "/bad", at: "-p")
        #expect(faults(wrong).map(\.place) == ["-p"])
        wrong.publish = nil
        #expect(faults(wrong).map(\.place) == ["-p"])
        var two = try settings([("a", "a.example"), ("b", "b.example")])
        two.publish = .init("t", at: "-t")
        #expect(faults(two).map(\.place) == ["-t"])
        two.publish = nil
        two.ledgers = two.ledgers?.map { ledger in
            .init(
                prefix: ledger.prefix, folder: ledger.folder,
                publish: [.init(folder: .init("t", at: "folder of \(ledger.folder.place)"))])
        }
        #expect(faults(two).map(\.place) == ["folder of ledger 1"])
    }
}
