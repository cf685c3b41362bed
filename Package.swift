// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Imports go downward only; `Tests/ArchitectureTests` holds every room to this list.
let package = Package(
    name: "reprise",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Reprise", targets: ["Reprise"]),
        .library(name: "RepriseClient", targets: ["RepriseClient"]),
        .library(name: "RepriseNode", targets: ["RepriseNode"]),
        .library(name: "RepriseGateway", targets: ["RepriseGateway"]),
        .library(name: "RepriseTesting", targets: ["RepriseTesting"]),
        .library(name: "RabbitMQ", targets: ["RabbitMQ"]),
        .executable(name: "reprise", targets: ["reprise-cli"]),
        .executable(name: "reprise-samples", targets: ["reprise-samples"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The AMQP client: knows nothing of orchestrations.
        .systemLibrary(name: "CLibRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .target(
            name: "CRabbitMQ",
            dependencies: ["CLibRabbitMQ"],
            // librabbitmq's own: it leaves checking a host's name to us where we choose the address.
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),
        .target(name: "RabbitMQ", dependencies: ["CRabbitMQ"], swiftSettings: settings),

        // The nouns and the law.
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "RepriseKernel",
            // Apple's systems have CryptoKit.
            dependencies: [.target(name: "CLibCrypto", condition: .when(platforms: [.linux]))],
            swiftSettings: settings
        ),

        // What users import to write orchestrators and activities.
        .target(
            name: "Reprise",
            dependencies: ["RepriseKernel", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),

        // What programs import to start orchestrations and look on, over HTTP.
        .target(name: "RepriseClient", dependencies: ["Reprise", "RepriseKernel"], swiftSettings: settings),

        // When things happen, and the ports that the edges implement.
        .target(
            name: "RepriseEngine",
            dependencies: [
                "Reprise", "RepriseKernel",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // For tests of orchestrators: a hub in memory on simulated time.
        .target(
            name: "RepriseTesting",
            dependencies: [
                "Reprise", "RepriseEngine", "RepriseKernel",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // The edges.
        .target(
            name: "RepriseBroker",
            dependencies: [
                "RabbitMQ", "RepriseEngine", "RepriseKernel",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(name: "CCrashMarker"),
        .target(name: "CSQLiteSession", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "RepriseJournal",
            dependencies: [
                "CCrashMarker", "CSQLiteSession", "RepriseEngine", "RepriseKernel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RepriseStatus",
            dependencies: [
                "RepriseEngine", "RepriseKernel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RepriseHTTP",
            dependencies: [
                "RepriseEngine", "RepriseKernel", "RepriseStatus",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Written as files, and compiled into the program: nothing has to be installed beside it.
            resources: [.embedInCode("Page/Files")],
            swiftSettings: settings
        ),

        // What the processes of a hub have in common: settings, a data directory, how they end.
        .target(
            name: "RepriseHosting",
            dependencies: [
                "CCrashMarker", "RepriseBroker", "RepriseEngine", "RepriseKernel",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),

        // A gateway as one library call: broker, read model and HTTP put together.
        .target(
            name: "RepriseGateway",
            dependencies: [
                "RepriseBroker", "RepriseHTTP", "RepriseHosting", "RepriseKernel", "RepriseStatus",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // A node as one library call: broker, journal and engine put together.
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "RepriseNode",
            dependencies: [
                "CLibCurl", "Reprise", "RepriseBroker", "RepriseEngine", "RepriseHosting", "RepriseJournal",
                "RepriseKernel",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "reprise-cli",
            dependencies: [
                "RabbitMQ", "Reprise", "RepriseBroker", "RepriseClient", "RepriseEngine", "RepriseGateway",
                "RepriseHosting", "RepriseJournal", "RepriseKernel", "RepriseStatus",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/reprise",
            swiftSettings: settings
        ),

        // Samples use the public API only.
        .executableTarget(
            name: "reprise-samples",
            dependencies: ["Reprise", "RepriseNode"],
            path: "Samples/Orchestrations",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "reprise-sample-client",
            dependencies: ["RepriseClient"],
            path: "Samples/Client",
            swiftSettings: settings
        ),

        // The load of infra/chaos: the public API only, as samples.
        .executableTarget(
            name: "reprise-chaos",
            dependencies: ["Reprise", "RepriseNode"],
            path: "Tests/Programs/Chaos",
            swiftSettings: settings
        ),
        // Programs of the end-to-end tests, and no products.
        .executableTarget(
            name: "whole-hub",
            dependencies: [
                "Reprise", "RepriseGateway", "RepriseNode",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/Programs/WholeHub",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "unreliable-node",
            dependencies: ["Reprise", "RepriseNode"],
            path: "Tests/Programs/UnreliableNode",
            swiftSettings: settings
        ),

        // What tests of several targets need.
        .target(
            name: "RepriseTestSupport",
            dependencies: [
                "RepriseKernel",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RabbitMQTests",
            dependencies: ["CRabbitMQ", "RabbitMQ", "RepriseTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseKernelTests",
            dependencies: ["RepriseKernel", "RepriseTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseTests",
            dependencies: [
                "Reprise", "RepriseKernel", "RepriseTestSupport", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // The orchestrators that tests of the engine and the simulation run.
        .target(
            name: "RepriseTestOrchestrators",
            dependencies: ["Reprise", "RepriseKernel"],
            path: "Tests/Orchestrators",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseEngineTests",
            dependencies: [
                "Reprise", "RepriseEngine", "RepriseKernel", "RepriseTestOrchestrators", "RepriseTestSupport",
                "RepriseTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Reprise", "RepriseEngine", "RepriseJournal", "RepriseKernel", "RepriseTestOrchestrators",
                "RepriseStatus", "RepriseTestSupport", "RepriseTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseTestingTests",
            dependencies: [
                "Reprise", "RepriseKernel", "RepriseTestSupport", "RepriseTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // The samples' own tests: as users write theirs.
        .testTarget(
            name: "SampleTests",
            dependencies: ["Reprise", "RepriseClient", "RepriseNode", "RepriseTesting", "reprise-samples"],
            path: "Samples/Tests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseJournalTests",
            dependencies: [
                "CSQLiteSession",
                "Reprise", "RepriseEngine", "RepriseJournal", "RepriseKernel", "RepriseTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseBrokerTests",
            dependencies: [
                "RabbitMQ", "RepriseBroker", "RepriseEngine", "RepriseKernel", "RepriseTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseStatusTests",
            dependencies: [
                "RepriseEngine", "RepriseKernel", "RepriseStatus", "RepriseTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseHTTPTests",
            dependencies: [
                "RepriseEngine", "RepriseHTTP", "RepriseKernel", "RepriseStatus", "RepriseTestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RepriseClientTests",
            dependencies: ["Reprise", "RepriseClient", "RepriseKernel", "RepriseTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "RabbitMQ", "RepriseBroker", "RepriseEngine", "RepriseGateway", "RepriseKernel", "RepriseTestSupport",
                "reprise-cli",
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "RepriseHostingTests", dependencies: ["RepriseHosting"], swiftSettings: settings),
        .testTarget(
            name: "RepriseNodeTests",
            dependencies: [
                "Reprise", "RepriseKernel", "RepriseNode", "RepriseTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // Drives the built programs as their users do.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "RabbitMQ", "Reprise", "RepriseClient", "RepriseBroker", "RepriseEngine", "RepriseKernel",
                "RepriseTestSupport", "RepriseTesting", "reprise-samples",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
