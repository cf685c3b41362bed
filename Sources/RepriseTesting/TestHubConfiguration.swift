public import Foundation
public import RepriseKernel

/// The settings of a ``TestHub``, and its faults. The defaults are those of a node, without faults.
public struct TestHubConfiguration: Sendable {
    /// Instances are spread over them by id, as in a real hub: a sub-orchestration usually lives in another one.
    public var partitions = 4
    /// The initial time of the simulated clock.
    public var startTime = Date(timeIntervalSince1970: 1_700_000_000)
    /// Which instances the hub runs, by the version of their code.
    public var versions = VersionPolicy()
    /// What happens to an instance whose code, when replayed, passes on something other than before. By default it
    /// fails here, where a node only warns: in a test the code does not change, unless the test restarts the hub with
    /// other code.
    public var replayInputs = ReplayInputs.fail
    /// How long ended instances are kept, by how they ended; those without an entry are kept forever.
    public var retention: [RuntimeStatus: Duration] = [:]
    /// The largest custom status, in bytes of its JSON written as UTF-16.
    public var customStatusLimit = 16_384
    /// The faults from the first step on; see ``TestHub/inflict(_:)``.
    public var faults: Faults = []

    /// The defaults.
    public init() {}

    /// Creates a configuration with these faults and the defaults otherwise.
    public init(faults: Faults) { self.faults = faults }
}

/// The faults of a ``TestHub``. None of them may change what an orchestration does.
public struct Faults: OptionSet, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The process dies after every committed step, before anything of that step has left the process: the next step
    /// replays all of them. Code that is not deterministic fails at its second step.
    public static let crashes = Faults(rawValue: 1)
    /// Every command, event and result reaches its partition twice.
    public static let duplicates = Faults(rawValue: 2)
    /// Every worker dies once between doing its work and answering, so that each attempt at an activity runs twice.
    public static let workerDeaths = Faults(rawValue: 4)
    /// Orchestrators are evicted from memory after every step, and replayed for the next.
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
