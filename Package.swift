// swift-tools-version: 6.3
import PackageDescription

/// The language settings of every target of ours: Swift 6, warnings as errors.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let asyncHTTPClient: Target.Dependency = .product(
    name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
    name: "HummingbirdCore", package: "hummingbird")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let unixSignals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "hanqing",
    products: [
        // For other services: Specs/client.md.
        .library(name: "HanqingClient", targets: ["HanqingClient"]),
        // For LD_PRELOAD, in campaigns alone; not shipped.
        .library(name: "hanqing-interpose", type: .dynamic, targets: ["CInterpose"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(
            url: "https://github.com/swift-server/async-http-client", exact: "1.37.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // Layer 0: bytes in, bytes or a verdict out. No files, no clock, no chance.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        module("Phrases"),
        module("SideBySide"),
        .target(name: "COpenSSLSetup", dependencies: ["COpenSSL"]),
        module("Digests", ["COpenSSL", "COpenSSLSetup"]),
        module("CanonicalJSON", ["Phrases"]),
        module("Merkle", ["Digests", "Phrases"]),

        // Layer 1: what a record, a checkpoint and a catalogue are. Still no I/O.
        module("RecordStreams"),
        module("Records", ["CanonicalJSON", "Digests", "Merkle", "Phrases"]),
        module("Checkpoints", ["Digests", "Merkle", "Phrases"]),
        module("Catalogue", ["CanonicalJSON", "Digests", "Phrases", "Records", yams]),
        module("Rules", ["CanonicalJSON", "Catalogue", "Digests", "Merkle", "Phrases", "Records"]),
        module("Sealing", ["CanonicalJSON", "Digests", "Phrases", "SideBySide"]),

        // Layer 2: files that last; the port to a store, and the stores.
        module("DurableFiles", ["Phrases"]),
        module("LedgerStore", ["Digests", "Merkle", "Phrases", "Records"]),
        module(
            "FileStore",
            ["CanonicalJSON", "Digests", "LedgerStore", "Merkle", "Phrases", "Records"]),
        module("VaultStore", ["Digests", "DurableFiles", "Phrases", "Sealing", grdb, sqlite]),

        // Layer 3: the one path by which an event becomes a record.
        module(
            "Sequencing",
            [
                "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "LedgerStore", "Merkle",
                "Phrases", "Records", "Rules", "Sealing", "SideBySide", logging,
            ]),

        // Layer 4: what stands on a ledger.
        module(
            "Auditing",
            [
                "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "Merkle", "Phrases",
                "Records",
            ]
        ),
        module(
            "AuditSources",
            [
                "Auditing", "CanonicalJSON", "Checkpoints", "Digests", "Merkle", "Phrases",
                "Records",
            ]),
        module(
            "Backups",
            [
                "AuditSources", "Auditing", "CanonicalJSON", "Checkpoints", "Digests",
                "DurableFiles", "Merkle", "Phrases", "Records",
            ]),
        module(
            "Anchoring",
            [
                "Auditing", "CanonicalJSON", "Checkpoints", "Digests", "Merkle", "Phrases",
                "Records",
            ]),
        module("Witnessing", ["Checkpoints", "Digests", "DurableFiles", "Merkle", "Phrases"]),
        module(
            "Publishing",
            ["Checkpoints", "Digests", "DurableFiles", "Merkle", "Phrases", "Records"]),
        module(
            "Exchange",
            [
                "CZlib", "CanonicalJSON", "Catalogue", "Digests", "Phrases", "Records",
                "Sequencing", yams,
            ]),
        module(
            "Sampling",
            [
                "CanonicalJSON", "Catalogue", "Digests", "Merkle", "Phrases", "Records", "Rules",
            ]),

        module(
            "Projections",
            [
                "CanonicalJSON", "Catalogue", "Digests", "LedgerStore", "Merkle", "Phrases",
                "Records", "Rules", "SideBySide", grdb, sqlite,
            ]),
        module(
            "CaseTracing",
            [
                "CanonicalJSON", "Catalogue", "Merkle", "Phrases", "Projections", "Records",
                "Rules",
            ]),
        module(
            "Questions",
            [
                "CanonicalJSON", "Catalogue", "Digests", "Merkle", "Phrases", "Projections",
                "Records", "Rules",
            ]),
        module(
            "Exports",
            [
                "CZlib", "CanonicalJSON", "Catalogue", "Digests", "DurableFiles", "Phrases",
                "Projections", "Records", "Rules", grdb,
            ]),

        module(
            "Bundles",
            [
                "Auditing", "CanonicalJSON", "Checkpoints", "Digests", "Exports", "Merkle",
                "Phrases", "Records",
            ]),

        module(
            "Access",
            [
                "CanonicalJSON", "Catalogue", "Digests", "DurableFiles", "Merkle", "Phrases",
                "Records",
            ]),

        // Layer 5: opens a ledger; the only library that imports a store.
        module(
            "LedgerHome",
            [
                "Access", "Anchoring", "Auditing", "Backups", "Bundles", "CProcess",
                "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "DurableFiles", "FileStore",
                "LedgerData", "LedgerStore", "Merkle", "Phrases", "Projections", "Publishing",
                "Records", "Rules", "Sealing", "Sequencing", "SideBySide", "VaultStore", logging,
                yams,
            ]),
        module(
            "HTTPService",
            [
                "Access", "AuditSources", "Auditing", "CanonicalJSON", "CaseTracing", "Catalogue",
                "Checkpoints", "Digests", "DurableFiles", "LedgerData", "LedgerHome", "LedgerStore",
                "Merkle", "Phrases", "Projections", "Publishing", "Questions", "Records", "Rules",
                "Sequencing", "Witnessing", coreMetrics, httpTypes, hummingbird, hummingbirdCore,
                lifecycle, logging, metrics, nioCore, nioSSL, unixSignals, yams,
            ]),
        module(
            "HanqingClient",
            [
                "CanonicalJSON", "Checkpoints", "Digests", "Merkle", "Phrases", "RecordStreams",
                "Records", asyncHTTPClient, nioCore, nioHTTP1, nioSSL,
            ]),
        .target(name: "CLedgerFiles", path: "Ledger/embedding"),
        .target(
            name: "LedgerData", dependencies: ["CLedgerFiles"], path: "Ledger",
            exclude: ["calendar", "catalogue", "compiled", "embedding", "samples"],
            swiftSettings: settings),

        // Beside the layers: doubles, contracts and seeds for tests.
        module(
            "TestKit",
            [
                "CanonicalJSON", "Checkpoints", "Digests", "LedgerStore", "Merkle", "Phrases",
                "Records", "Sealing",
            ]),
        module(
            "Simulation",
            [
                "Catalogue", "Checkpoints", "Digests", "LedgerStore", "Merkle", "Phrases",
                "Records", "Sequencing", "TestKit", logging,
            ]),

        // Layer 6: programs. Parse, call once, print.
        .target(name: "CVersion"),
        .target(name: "CProcess"),
        program(
            "hanqing",
            [
                "Access", "Anchoring", "AuditSources", "Auditing", "Backups", "Bundles", "CVersion",
                "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "DurableFiles", "Exchange",
                "Exports", "HTTPService", "HanqingClient", "LedgerData", "LedgerHome",
                "LedgerStore", "Merkle", "Phrases", "Projections", "Publishing", "Questions",
                "Records", "Rules", "Sampling", "Sealing", "Sequencing", "CaseTracing",
                "Witnessing", argumentParser, logging,
            ]),
        program(
            "hanqing-bench",
            [
                "AuditSources", "Auditing", "CanonicalJSON", "Catalogue", "Checkpoints", "Digests",
                "FileStore", "LedgerData", "LedgerHome", "LedgerStore", "Merkle", "Phrases",
                "Projections", "Publishing", "Records", "Rules", "Sampling", "Sealing",
                "Sequencing", "CaseTracing", "VaultStore", argumentParser, httpTypes, hummingbird,
                hummingbirdCore, logging, nioCore,
            ]),

        // Beside the programs: attacks on them. Not shipped.
        module(
            "FuzzTargets",
            [
                "Access", "AuditSources", "Auditing", "Backups", "Bundles", "CanonicalJSON",
                "Catalogue", "Checkpoints", "Digests", "Exchange", "FileStore", "LedgerData",
                "LedgerHome", "LedgerStore", "Merkle", "Phrases", "RecordStreams", "Records",
                "Rules", "Sealing", "Sequencing", "Witnessing",
            ]),
        .target(name: "CFileFaults"),
        program(
            "hanqing-campaign",
            [
                "CFileFaults", "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "FileStore",
                "FuzzTargets", "HanqingClient", "LedgerData", "LedgerHome", "LedgerStore", "Merkle",
                "Records", "Sequencing", "Simulation", "TestKit", argumentParser, logging,
            ]),
        .target(name: "CInterpose"),

        // Tests, one target a module; then the programs as processes.
        tests("AcceptanceTests", ["CanonicalJSON", "TestKit"]),
        tests("EndToEndTests", ["CanonicalJSON", "TestKit"]),
        tests("BundlesTests", ["Bundles", "Phrases"]),
        tests("CanonicalJSONTests", ["CanonicalJSON"]),
        tests(
            "AccessTests",
            [
                "Access", "CanonicalJSON", "Catalogue", "Digests", "DurableFiles", "LedgerData",
                "Merkle", "Phrases", "Records", "TestKit",
            ]),
        tests(
            "RecordsTests",
            ["CanonicalJSON", "Digests", "LedgerStore", "Merkle", "Records", "TestKit"]),
        tests(
            "ProjectionsTests",
            [
                "CanonicalJSON", "Catalogue", "Digests", "LedgerHome", "LedgerStore", "Merkle",
                "Phrases", "Projections", "Records", "Rules", "Sampling", "Sequencing", "TestKit",
                logging,
            ]),
        tests(
            "QuestionsTests",
            [
                "CanonicalJSON", "Catalogue", "Digests", "LedgerData", "LedgerHome", "LedgerStore",
                "Merkle", "Phrases", "Projections", "Questions", "Records", "Rules", "Sampling",
                "Sequencing", "TestKit", logging,
            ]),
        tests(
            "SequencingTests",
            [
                "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "LedgerData", "LedgerStore",
                "Merkle", "Phrases", "Records", "Sealing", "Sequencing", "TestKit", logging,
            ]),
        tests(
            "LedgerHomeTests",
            [
                "Access", "CanonicalJSON", "Catalogue", "Checkpoints", "Digests", "LedgerData",
                "LedgerHome", "LedgerStore", "Merkle", "Phrases", "Projections", "Records", "Rules",
                "Sealing", "Sequencing", "TestKit", "VaultStore", logging,
            ]),
        tests(
            "SimulationTests",
            [
                "Catalogue", "Digests", "LedgerData", "LedgerStore", "Merkle", "Records",
                "Simulation", "TestKit",
            ]),
        tests(
            "HTTPServiceTests",
            [
                "Access", "Auditing", "CanonicalJSON", "Catalogue", "Checkpoints", "Digests",
                "HTTPService", "LedgerData", "LedgerHome", "Merkle", "Phrases", "Publishing",
                "Records", "Sealing", "Sequencing", "TestKit", "Witnessing", lifecycle, logging,
            ]),
        tests(
            "HanqingClientTests",
            ["CanonicalJSON", "HanqingClient", "LedgerStore", "TestKit"]),
        tests("RecordStreamsTests", ["RecordStreams", "TestKit"]),
        tests("LedgerStoreTests", ["LedgerStore", "TestKit"]),
        tests(
            "FileStoreTests",
            ["Digests", "FileStore", "LedgerStore", "Merkle", "Phrases", "Records", "TestKit"]),
        tests(
            "ExchangeTests",
            ["CanonicalJSON", "Catalogue", "Digests", "Exchange", "Phrases", "Records", "TestKit"]),
        tests(
            "ExportsTests",
            [
                "CanonicalJSON", "Catalogue", "Digests", "Exports", "LedgerData", "Phrases",
                "Projections", "Records", "Rules", "TestKit", grdb,
            ]),
        tests("CheckpointsTests", ["Checkpoints", "Digests", "Merkle", "Phrases"]),
        tests(
            "PublishingTests",
            [
                "AuditSources", "Auditing", "Checkpoints", "Digests", "Merkle", "Publishing",
                "Records", "TestKit", "Witnessing",
            ]),
        tests(
            "WitnessingTests",
            [
                "Checkpoints", "Digests", "DurableFiles", "Merkle", "Phrases", "TestKit",
                "Witnessing",
            ]),
        tests("DigestsTests", ["Digests"]),
        tests("SealingTests", ["CanonicalJSON", "Digests", "Phrases", "Sealing", "TestKit"]),
        tests("VaultStoreTests", ["Digests", "Sealing", "TestKit", "VaultStore", grdb]),
        tests("MerkleTests", ["Digests", "Merkle", "Phrases"]),
        tests(
            "SamplingTests",
            [
                "CanonicalJSON", "Catalogue", "Digests", "LedgerData", "Merkle", "Phrases",
                "Records", "Rules", "Sampling", "Sequencing", "TestKit",
            ]),
        tests("PhrasesTests", ["Phrases"]),
        tests(
            "CaseTracingTests",
            [
                "CanonicalJSON", "Catalogue", "Digests", "LedgerHome", "LedgerStore", "Merkle",
                "Phrases", "Projections", "Records", "Rules", "Sampling", "Sequencing", "TestKit",
                "CaseTracing", logging,
            ]),
        tests(
            "RulesTests",
            [
                "CanonicalJSON", "Catalogue", "Digests", "LedgerData", "Merkle", "Phrases",
                "Records", "Rules", "TestKit",
            ]),
        tests("TidyTests"),
        tests(
            "AuditingTests",
            [
                "AuditSources", "Auditing", "CanonicalJSON", "Checkpoints", "Digests", "FileStore",
                "Merkle", "Phrases", "Records",
            ]),
        tests(
            "CatalogueTests",
            ["CanonicalJSON", "Catalogue", "Digests", "LedgerData", "Phrases", "Records"]),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer's driver is linked into one program, which only `./dev fuzz` builds.
if Context.environment["HANQING_FUZZ"] != nil {
    package.targets.append(.target(name: "CFuzzer"))
    package.targets.append(program("hanqing-fuzz", ["CFuzzer", "FuzzTargets"]))
}
