// The rules of the house, as tables. A rule that must change is changed here, where everyone sees it.

/// What each room may import besides the standard library and Foundation.
struct Room {
    let folder: String
    /// Of ours: only rooms further down in the list.
    let ours: [String]
    /// Of others.
    let others: [String]

    static let all: [Room] = [
        // The executables: arguments and composition.
        Room(
            folder: "Sources/reprise",
            ours: [
                "RepriseGateway", "RepriseHosting", "RepriseStatus", "RepriseJournal", "RepriseBroker",
                "RepriseClient", "RepriseEngine", "Reprise", "RepriseKernel", "RabbitMQ",
            ],
            others: ["ArgumentParser", "Configuration", "Logging"]
        ),
        // With their tests, which use what users' tests use.
        Room(
            folder: "Samples",
            ours: ["RepriseNode", "RepriseTesting", "RepriseClient", "Reprise"],
            others: ["Testing", "reprise_samples"]
        ),
        // The load of infra/chaos: a program as its users write them.
        Room(folder: "Tests/Programs/Chaos", ours: ["RepriseNode", "Reprise"], others: []),
        Room(
            folder: "Tests/Programs/WholeHub",
            ours: ["RepriseNode", "RepriseGateway", "Reprise"],
            others: ["HTTPTypes", "Hummingbird", "Logging", "ServiceLifecycle", "UnixSignals"]
        ),

        // A node as one call, for users' programs: broker, journal and engine put together.
        Room(
            folder: "Sources/RepriseNode",
            ours: [
                "RepriseHosting", "RepriseJournal", "RepriseBroker", "RepriseEngine", "Reprise", "RepriseKernel",
                "CLibCurl",
            ],
            others: ["Configuration", "Logging", "ServiceLifecycle", "UnixSignals"]
        ),
        // A gateway as one call: broker, read model and HTTP put together.
        Room(
            folder: "Sources/RepriseGateway",
            ours: ["RepriseHosting", "RepriseHTTP", "RepriseStatus", "RepriseBroker", "RepriseKernel"],
            others: ["Configuration", "Logging", "ServiceLifecycle", "UnixSignals"]
        ),
        // What the processes of a hub have in common: settings, a data directory, how they end.
        Room(
            folder: "Sources/RepriseHosting",
            ours: ["RepriseBroker", "RepriseEngine", "RepriseKernel", "CCrashMarker"],
            others: ["Configuration", "Logging", "ServiceLifecycle", "SystemPackage"]
        ),

        // The edges: each knows the engine's ports and one thing of the world. None knows another, but HTTP its read model.
        Room(
            folder: "Sources/RepriseHTTP",
            ours: ["RepriseStatus", "RepriseEngine", "RepriseKernel"],
            others: [
                "Hummingbird", "HummingbirdCore", "HTTPTypes", "Logging", "NIOCore", "NIOHTTPTypes", "ServiceLifecycle",
            ]
        ),
        Room(
            folder: "Sources/RepriseStatus",
            ours: ["RepriseEngine", "RepriseKernel"],
            others: ["GRDB", "GRDBSQLite", "Logging", "ServiceLifecycle"]
        ),
        Room(
            folder: "Sources/RepriseJournal",
            ours: ["RepriseEngine", "RepriseKernel", "CCrashMarker", "CSQLiteSession"],
            others: ["GRDB", "GRDBSQLite"]
        ),
        Room(
            folder: "Sources/RepriseBroker",
            ours: ["RepriseEngine", "RepriseKernel", "RabbitMQ"],
            others: ["Logging", "ServiceLifecycle"]
        ),
        Room(
            folder: "Sources/RepriseTesting",
            ours: ["RepriseEngine", "Reprise", "RepriseKernel"],
            others: ["Logging"]
        ),

        // What other programs start and watch orchestrations with: over HTTP, so it needs none of the edges.
        Room(
            folder: "Sources/RepriseClient",
            ours: ["Reprise", "RepriseKernel"],
            others: []
        ),

        // When things happen.
        Room(folder: "Sources/RepriseEngine", ours: ["Reprise", "RepriseKernel"], others: ["Logging"]),
        // What users write orchestrators with.
        Room(folder: "Sources/Reprise", ours: ["RepriseKernel"], others: ["Logging"]),
        // The nouns and the law: not even Foundation.
        Room(folder: "Sources/RepriseKernel", ours: ["CLibCrypto"], others: ["CryptoKit"]),

        // The AMQP client: knows nothing of orchestrations.
        Room(folder: "Sources/RabbitMQ", ours: ["CRabbitMQ"], others: []),
        Room(folder: "Sources/CRabbitMQ", ours: [], others: []),
        Room(folder: "Sources/CCrashMarker", ours: [], others: []),
        Room(folder: "Sources/CSQLiteSession", ours: [], others: []),
        Room(folder: "Sources/CLibRabbitMQ", ours: [], others: []),
        Room(folder: "Sources/CLibCrypto", ours: [], others: []),
        Room(folder: "Sources/CLibCurl", ours: [], others: []),
    ]

    /// What comes with the system, for every room but the kernel.
    static let system: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Glibc", "Musl", "Darwin",
        "Synchronization", "Swift",
        "_Concurrency",
    ]
}

/// Modules with an owner: no other module imports them.
struct Ownership {
    let module: String
    let owners: [String]

    static let all = [
        Ownership(module: "Hummingbird", owners: ["Sources/RepriseHTTP"]),
        Ownership(module: "HummingbirdCore", owners: ["Sources/RepriseHTTP"]),
        Ownership(module: "GRDB", owners: ["Sources/RepriseJournal", "Sources/RepriseStatus"]),
        Ownership(module: "GRDBSQLite", owners: ["Sources/RepriseJournal", "Sources/RepriseStatus"]),
        Ownership(module: "CSQLiteSession", owners: ["Sources/RepriseJournal"]),
        Ownership(module: "CRabbitMQ", owners: ["Sources/RabbitMQ"]),
        Ownership(module: "CLibRabbitMQ", owners: ["Sources/CRabbitMQ"]),
        Ownership(module: "CLibCrypto", owners: ["Sources/RepriseKernel"]),
        Ownership(module: "FoundationNetworking", owners: ["Sources/RepriseClient"]),
        Ownership(module: "CLibCurl", owners: ["Sources/RepriseNode"]),
        Ownership(module: "ArgumentParser", owners: ["Sources/reprise"]),
    ]
}

/// Code that must not be written, and where.
struct Ban: CustomStringConvertible {
    /// A regular expression over code without comments and, mostly, without string literals.
    let pattern: String
    let folders: [String]
    let because: String
    /// Files that may, each with its reason beside it.
    var except: [String] = []
    /// Whether it looks at string literals and comments too.
    var isInTexts = false

    var description: String { "\(pattern) in \(folders.joined(separator: ", "))" }

    var regex: Regex<AnyRegexOutput> { get throws { try Regex(pattern).wordBoundaryKind(.simple) } }

    private static let sources = ["Sources", "Samples"]
    private static let kernel = ["Sources/RepriseKernel"]

    /// A type in angle brackets that is a function, or holds one in parentheses; and a box made of a closure.
    static let boxedFunction =
        #"\b[A-Z]\w*<[^<>=]*\([^<>]*\)\s*(async\s*)?(throws\s*(\([^()]*\)\s*)?)?->|"#
        + #"\b(Mutex|Atomic|ManagedAtomic|OSAllocatedUnfairLock|Promise|PartitionMailbox|BatchQueue|Cached)\(\s*(\{|.*->)"#

    static let all = [
        // Replay must take the same decisions, today and in a year.
        Ban(pattern: #"\bDate\b"#, folders: kernel, because: "the kernel reads no clock: time is passed in"),
        Ban(
            pattern: #"\b(Continuous|Suspending|System|UTC)?Clock\b"#,
            folders: kernel,
            because: "the kernel reads no clock"
        ),
        Ban(
            pattern: #"\bclock_gettime\b|\bgettimeofday\b|\bDispatchTime\b"#,
            folders: kernel,
            because: "the kernel reads no clock"
        ),
        Ban(
            pattern:
                #"\brandom\(in:|\.random\(|\brandomElement\(|\bshuffle|SystemRandomNumberGenerator|SymmetricKey\("#,
            folders: kernel,
            because: "the kernel makes no random number: what is drawn is passed in"
        ),
        Ban(pattern: #"\bUUID\b"#, folders: kernel, because: "the kernel draws no ids"),
        Ban(pattern: #"\basync\b|\bawait\b|\bTask\s*[{.(]"#, folders: kernel, because: "the kernel waits for nothing"),

        // The same id goes to the same partition, in every process and every release.
        Ban(
            pattern: #"\bHasher\(|\.hashValue\b"#,
            folders: sources,
            because: "Swift's hashes differ from process to process: routing and storage use FNV1a"
        ),
        Ban(
            pattern: #"\(\$0\.name, \$0\)"#,
            folders: sources,
            because: "of two with one name the other would never run: Registered.byName refuses them"
        ),

        // User code and the broker's bytes never reach a trap; nothing waits by sleeping.
        Ban(
            pattern: #"(^|[^\w.])exit\(\s*(\d|E[A-Z])"#,
            folders: sources,
            because: "exit() tidies up beside threads that are still at work: _exit() ends the process"
        ),
        Ban(pattern: #"\btry!"#, folders: sources, because: "an error is handled or thrown, never a trap"),
        Ban(pattern: #"\bas!"#, folders: sources, because: "a wrong type is an error, never a trap"),
        Ban(pattern: #"\bfatalError\("#, folders: sources, because: "a message must not be able to end the process"),
        Ban(
            pattern: #"\bInt(64)?\((\$0|text|word|(words|parts|numbers)\[\w+\]|digits)\)"#,
            folders: [
                "Sources/RepriseHTTP", "Sources/RepriseStatus/Changes", "Sources/RepriseBroker",
                "Sources/RepriseClient",
            ],
            because: "a number from outside is an OutsideNumber: one that is calculated with must not be able to trap",
            except: [
                // Compared with a range, or against the other numbers of a list, and never calculated with.
                "Sources/RepriseHTTP/Routes/Gateway+Tree.swift",
                "Sources/RepriseHTTP/Requests/Filters.swift",
                "Sources/RepriseHTTP/Requests/Request+Body.swift",
                "Sources/RepriseHTTP/Connections/ConnectionGuard.swift",
                // A broker's version, to be shown.
                "Sources/RepriseBroker/Operations/BrokerInspection.swift",
                // Whether it is a number at all; read as an OutsideNumber below.
                "Sources/RepriseBroker/Envelope/StartOptions.swift",
                // Held from 0 to an hour.
                "Sources/RepriseClient/Requests/GatewayRequest.swift",
            ]
        ),
        Ban(
            pattern: #"\bTask(<[^>]*>)?\.sleep\b"#,
            folders: sources,
            because: "who waits, waits for an event or on an injected clock",
            except: [
                // The pause between two tries, with back-off.
                "Sources/RabbitMQ/Supervision/RabbitMQConnectionSupervisor.swift",
                "Sources/RepriseBroker/Intake/IntakeForwarder.swift",
                "Sources/RepriseBroker/Operations/DeadLetters.swift",
                "Sources/RepriseBroker/Lanes/Lane.swift",
                // New quorum queues settle before anything is sent to them.
                "Sources/RepriseBroker/Topology/HubTopology.swift",
                "Sources/RepriseBroker/Activities/ActivityQueues.swift",
                "Sources/RepriseBroker/Activities/ActivityExecutor.swift",
            ]
        ),
        // A placeholder was one too high after a column had gone, and every write took the slow way for it.
        Ban(
            pattern: #"\?\d"#,
            folders: ["Sources/RepriseJournal", "Sources/RepriseStatus"],
            because: "placeholders have names, or come from those of columns (StoredRow.condition)",
            isInTexts: true
        ),
        Ban(
            pattern: #"\bwaitForAll\("#,
            folders: sources,
            because: "it waits for all, also when one has failed: while try await group.next() != nil {} does not"
        ),
        Ban(pattern: #"\bTask\.detached\b"#, folders: sources, because: "a detached task has no owner who ends it"),

        // A box that is generic over a function wraps it again at every read (swiftlang/swift#91348): a node that had
        // worked for long enough ran out of stack. A struct around the function keeps it as what it is.
        Ban(
            pattern: boxedFunction,
            folders: sources + ["Tests"],
            because: "a function goes into a generic box as a property of a struct or a class, never by itself"
        ),
        Ban(
            pattern: #"\bProcess\(\)"#,
            folders: sources + ["Tests"],
            because: "it may never hear that the program has ended: a test starts one as a ChildProcess"
        ),
        Ban(
            pattern: #"\btypealias\s+\w+(<[^>]*>)?\s*=.*->"#,
            folders: sources,
            because: "a function type with a name can go into a generic box unseen",
            except: [
                // Kept in an array that is emptied as a whole: nothing is read and put back.
                "Sources/RepriseEngine/Hosting/PartitionMailbox.swift"
            ]
        ),
    ]
}

enum TimeLimitRule {
    static let except: Set<String> = [
        "Sources/RepriseEngine/Hosting/TimeLimit.swift",
        // A client imports no engine.
        "Sources/RepriseClient/Connection/RepriseClient+Sending.swift",
        "Sources/RepriseClient/Orchestrations/RepriseClient+Reading.swift",
        // The time is one of several ends, each with a meaning of its own.
        "Sources/RepriseHTTP/Waiting/ChangeWait.swift",
        "Sources/RepriseHTTP/Waiting/Gateway+Waiting.swift",
        "Sources/RepriseBroker/Cluster/ClusterPolicy.swift",
    ]

    /// A task of a group that begins with sleeping, on the line that adds it or the next two; not one that loops.
    static func isRace(_ code: some Collection<String>) -> Bool {
        code.indices.contains { index in
            guard code[index].contains(/addTask \{/) else { return false }
            return code[index...].prefix(3).joined(separator: " ").contains(/addTask \{(?:(?!while)[^}])*\.sleep\(/)
        }
    }
}

enum FileRules {
    static let longestFile = 500
    /// Names that say nothing about the domain.
    static let refusedFolders: Set<String> = ["Utils", "Util", "Helpers", "Helper", "Managers", "Common", "Misc"]
}
