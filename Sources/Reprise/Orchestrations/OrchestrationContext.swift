public import Foundation
public import Logging
public import RepriseKernel

/// What an orchestrator may use: everything here is recorded, or derived from what is recorded, and so is the same in
/// every replay.
///
/// Use it only in the orchestrator's own tasks: the function itself, `async let`, task groups.
public struct OrchestrationContext: Sendable {
    let session: OrchestrationSession

    /// The id by which clients know this orchestration.
    public var instanceID: InstanceID { session.identity.instance }

    /// The name it was started by.
    public var name: String { session.identity.name }

    /// The instance that called this one as a sub-orchestration.
    public var parentInstanceID: InstanceID? { session.beginning.traits.parent }

    /// The version of this instance's code, fixed at its start; nil when neither the start nor the node gave one.
    public var version: String? { session.beginning.traits.version }

    /// Whether the instance's version is `version` or later, for code that serves several versions at once. False when
    /// it has none.
    ///
    /// Versions of numbers and dots are compared number by number (`1.10` is later than `1.9`), others as text,
    /// case-insensitively.
    public func isVersion(atLeast version: String) -> Bool {
        guard let own = self.version else { return false }
        return !VersionOrder.isEarlier(own, version)
    }

    /// The tags the instance was started with, for searching.
    public var tags: [String: String] { session.beginning.traits.tags }

    /// The time of the event being handled; it stands still between events, and never goes backwards.
    public var currentTime: Date {
        Date(timeIntervalSince1970: Double(session.now.milliseconds) / 1000)
    }

    /// True while the code is replaying what it did before.
    public var isReplaying: Bool { session.isReplaying }

    /// Logs what happens for the first time, and stays silent in replay.
    public var logger: Logger {
        var logger =
            session.isReplaying
            ? Logger(label: "reprise.replay", factory: { _ in SwiftLogNoOpLogHandler() }) : session.baseLogger
        logger[metadataKey: "instance"] = "\(instanceID)"
        logger[metadataKey: "orchestrator"] = "\(name)"
        return logger
    }

    /// A new UUID, the same in every replay.
    public func newUUID() throws -> UUID {
        let b = try session.onExecutor("newUUID") { session.nextUUID() }
        return UUID(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            )
        )
    }

    /// A random number from `range`, the same in every replay.
    public func random<Number: FixedWidthInteger>(in range: ClosedRange<Number>) throws -> Number {
        try session.onExecutor("random") {
            var source = SessionRandom(session: session)
            return Number.random(in: range, using: &source)
        }
    }

    /// A random number from `range`, the same in every replay.
    public func random(in range: Range<Double>) throws -> Double {
        try session.onExecutor("random") {
            var source = SessionRandom(session: session)
            return Double.random(in: range, using: &source)
        }
    }
}

private struct SessionRandom: RandomNumberGenerator {
    let session: OrchestrationSession
    func next() -> UInt64 { session.nextRandom() }
}
