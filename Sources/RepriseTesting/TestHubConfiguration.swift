public import Foundation
public import RepriseKernel

/// What a ``TestHub`` is like, and what befalls it. The defaults are those of a node, without misfortune.
public struct TestHubConfiguration: Sendable {
    /// Instances are spread over them by their ids, as in a real hub: a sub-orchestration mostly lives in another one.
    public var partitions = 4
    /// What the simulated clock shows at first.
    public var startTime = Date(timeIntervalSince1970: 1_700_000_000)
    /// Which instances the hub runs, by the version of their code.
    public var versions = VersionPolicy()
    /// What becomes of an instance whose code, replayed, passes on something else than it did. It fails here, where a node
    /// warns of it: in a test nobody changes code that runs, but for one that restarts the hub with other code.
    public var replayInputs = ReplayInputs.fail
    /// How long ended instances are kept, by how they ended; those without an entry are kept for ever.
    public var retention: [RuntimeStatus: Duration] = [:]
    /// The largest custom status, in bytes of its JSON written as UTF-16.
    public var customStatusLimit = 16_384
    /// What goes wrong from the first step on; see ``TestHub/inflict(_:)``.
    public var faults: Faults = []

    /// The defaults.
    public init() {}

    /// A hub with these faults, and the defaults otherwise.
    public init(faults: Faults) { self.faults = faults }
}

/// What goes wrong in a ``TestHub``. Nothing of it may change what an orchestration does.
public struct Faults: OptionSet, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The process dies after every step that was committed, before anything of it has left the process: the next step
    /// replays all of them. Code that is not deterministic fails at its second step.
    public static let crashes = Faults(rawValue: 1)
    /// Every command, event and result reaches its partition twice.
    public static let duplicates = Faults(rawValue: 2)
    /// Every worker dies once between doing its work and answering, so that each attempt at an activity runs twice.
    public static let workerDeaths = Faults(rawValue: 4)
    /// Orchestrators' code is taken out of memory after every step, and replayed for the next.
    public static let evictions = Faults(rawValue: 8)

    /// Everything that can go wrong, together.
    public static let all: Faults = [.crashes, .duplicates, .workerDeaths, .evictions]

    public var description: String {
        let names: [(Faults, String)] = [
            (.crashes, "crashes"), (.duplicates, "duplicates"), (.workerDeaths, "worker deaths"),
            (.evictions, "evictions"),
        ]
        let present = names.filter { contains($0.0) }.map(\.1)
        return present.isEmpty ? "no faults" : present.joined(separator: ", ")
    }
}
