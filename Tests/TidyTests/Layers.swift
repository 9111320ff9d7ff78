/// Which module may import which: section 2 of the design, as a table.
enum Layers {
    /// From the lowest to the highest; a module imports only modules that stand before it here.
    static let modules: [(layer: Int, names: [String])] = [
        (
            0,
            [
                "COpenSSL", "CProcess", "COpenSSLSetup", "CZlib", "Phrases", "Digests",
                "CanonicalJSON",
                "Merkle", "SideBySide",
            ]
        ),
        (1, ["RecordStreams", "Records", "Checkpoints", "Catalogue", "Rules", "Sealing"]),
        (2, ["DurableFiles", "LedgerStore", "FileStore", "VaultStore"]),
        (3, ["Sequencing"]),
        (
            4,
            [
                "Auditing", "Anchoring", "AuditSources", "Backups", "Witnessing", "Publishing",
                "Exchange", "Sampling", "Projections", "CaseTracing", "Exports", "Bundles",
                "Questions", "Access",
            ]
        ),
        (5, ["LedgerData", "LedgerHome", "HTTPService"]),
        // The other end of the wire: what is outside, and of us what hashes and checks.
        (5, ["HanqingClient"]),
        // Beside: doubles, contracts and seeds for tests; no shipped program imports it.
        (5, ["TestKit", "Simulation"]),
        // Beside: what reads bytes from outside, as functions that must bear any.
        (5, ["FuzzTargets", "CFuzzer"]),
        (
            6,
            [
                "CFileFaults", "CInterpose", "CVersion", "hanqing", "hanqing_bench",
                "hanqing_campaign",
                "hanqing_fuzz",
            ]
        ),
    ]

    /// Modules that only some may import, although they stand before others.
    static let reserved: [String: Set<String>] = [
        "COpenSSL": ["Digests"],
        "CZlib": ["Exchange", "Exports"],
        // Who opens a ledger knows the adapters; no other library does. The campaign puts faults
        // above and below the store, so it opens the store itself.
        "FileStore": ["FuzzTargets", "LedgerHome", "hanqing_bench", "hanqing_campaign"],
        "VaultStore": ["LedgerHome", "hanqing_bench"],
        // The reader shares no code with the writer.
        "LedgerStore": [
            "FileStore", "FuzzTargets", "Sequencing", "Projections", "LedgerHome", "HTTPService",
            "TestKit", "Simulation",
            "hanqing", "hanqing_bench", "hanqing_campaign",
        ],
        "TestKit": ["Simulation", "hanqing_campaign"],
        "Simulation": ["hanqing_campaign"],
        "FuzzTargets": ["hanqing_campaign", "hanqing_fuzz"],
        "CFuzzer": ["hanqing_fuzz"],
        "LedgerData": [
            "FuzzTargets", "LedgerHome", "HTTPService", "hanqing", "hanqing_bench",
            "hanqing_campaign",
        ],
        // It stands before the C library's calls: in no shipped program.
        "CFileFaults": ["hanqing_campaign"],
        "CProcess": ["LedgerHome"],
        "CVersion": ["hanqing", "hanqing_bench"],
        "ArgumentParser": ["hanqing", "hanqing_bench", "hanqing_campaign"],
        // Other services import it; here what tries it, and commands that ask others.
        "HanqingClient": ["hanqing", "hanqing_campaign"],
        // The wire is the knowledge of one module at each end.
        "AsyncHTTPClient": ["HanqingClient"],
        // The bench compares with a service of the same library that does nothing.
        "Hummingbird": ["HTTPService", "hanqing_bench"],
        "NIOCore": ["HTTPService", "HanqingClient", "hanqing_bench"],
        "NIOSSL": ["HTTPService", "HanqingClient"],
        "NIOHTTP1": ["HanqingClient"],
        "HTTPTypes": ["HTTPService", "hanqing_bench"],
        "Metrics": ["HTTPService"],
        "CoreMetrics": ["HTTPService"],
        "Yams": ["Catalogue", "Exchange", "LedgerHome", "HTTPService"],
    ]

    /// What gives files, clocks and chance: not for layers 0 and 1.
    static let outsideWorld: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Dispatch", "Musl",
    ]

    /// Each with its reason.
    static let exceptions: [String: Set<String>] = [
        // The standard library has no public test of normal form C.
        "Sources/Records/AttributeText.swift": ["Foundation"]
    ]

    static func offences(_ file: ProjectFile) -> [String] {
        guard let module = file.module, file.isSwift else { return [] }
        guard let place = order[module] else {
            return ["\(file.path): \(module) has no layer in Layers.swift"]
        }
        return file.imports.compactMap { name, line in
            let isBelow = order[name].map { $0.rank < place.rank } ?? true
            let isFree = reserved[name]?.contains(module) ?? true
            let isPure =
                place.layer > 1 || !outsideWorld.contains(name)
                || exceptions[file.path]?.contains(name) ?? false
            return isBelow && isFree && isPure
                ? nil : "\(file.path):\(line): \(module) imports \(name)"
        }
    }

    private static let order: [String: (layer: Int, rank: Int)] = {
        let flat = modules.flatMap { layer, names in names.map { (layer, $0) } }
        return Dictionary(
            uniqueKeysWithValues: flat.enumerated().map { ($1.1, (layer: $1.0, rank: $0)) })
    }()
}
