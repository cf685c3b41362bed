package import RepriseKernel

/// What a partition needs from the world outside the engine, injected so that simulation can be exact.
package struct PartitionEnvironment: Sendable {
    /// The wall clock, which can be set.
    package var wallClock: @Sendable () -> Timestamp
    /// Time since some moment in the past: it cannot be set, and it continues while the machine sleeps.
    package var steadyClock: @Sendable () -> Duration
    /// 128 random bits for a task's token.
    package var makeSecret: @Sendable () -> TaskSecret
    /// Observers of what partitions do, besides each partition's own figures.
    package var observers: [any PartitionObserver] = []

    package init(
        wallClock: @escaping @Sendable () -> Timestamp,
        steadyClock: @escaping @Sendable () -> Duration,
        makeSecret: @escaping @Sendable () -> TaskSecret
    ) {
        self.wallClock = wallClock
        self.steadyClock = steadyClock
        self.makeSecret = makeSecret
    }
}

package struct PartitionSettings: Sendable {
    package var limits = Limits()
    /// Sessions kept in memory; beyond it the least recently used are evicted and replayed when needed.
    package var maximumLiveSessions = 20_000
    /// How long an event waits for an instance that does not exist yet.
    package var holdUnknown: Duration = .seconds(30)
    /// How long an accepted command's key is remembered.
    package var rememberCommands: Duration = .seconds(7 * 24 * 3600)
    /// How much longer than its sender waits a key generated for one sending is remembered.
    package var rememberPassingKeys: Duration = .seconds(3600)
    /// Unconfirmed outbound messages, not counting status messages, beyond which no more deliveries are accepted.
    package var maximumUnconfirmed = 8_192
    /// How the partition's log is kept; nil in a hub without logs.
    package var log: LogSettings?
    /// How long one turn may last before it ends the process.
    package var turnTimeout: Duration = .seconds(10)
    /// Which instances the node runs, by the version of their code.
    package var versions = VersionPolicy()
    /// What happens to an instance whose replayed code passes on something else.
    package var replayInputs = ReplayInputs.warn
    /// How long ended instances are kept, by how they ended; those without an entry are kept forever.
    package var retention: [RuntimeStatus: Duration] = [:]
    /// Shared by the partitions of a process.
    package var trials = TrialGate()
    /// How far the machine's wall clock is trusted.
    package var clockTrust = ClockTrust()
    /// The node's name, for people.
    package var node = "node"

    package init() {}
}
