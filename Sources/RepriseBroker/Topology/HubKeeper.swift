import Logging
import RabbitMQ
import RepriseEngine

/// Restores what was deleted from or emptied in a hub and would otherwise go unnoticed.
///
/// ```
///  record      purged, deleted, expired by a policy, or never filled: each program would have to count queues
///  exchanges   deleted: their bindings are gone, too, and no one is told; commands would find no intake
///  intake      unbound: the same
///  dead        deleted, which is not seen before the next dead letter
/// ```
/// A listener at an exchange binds its own queue again
/// (``RabbitMQ/RabbitMQChannel/keepBound(_:to:routingKey:making:clock:)``).
struct HubKeeper: Sendable {
    let topology: HubTopology
    let endpoint: BrokerEndpoint
    /// To look over.
    let live: LiveConnection
    let hubRepair: HubRepair
    let timing: LogTiming
    let logger: Logger

    /// Of the largest hub, whose queues are all declared again. While the broker has an alarm nothing is filled.
    private static let timeout = Duration.seconds(60)

    /// Checks at once, and periodically, until the task is canceled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await again("what is missing") { try await makeParts() } }
            group.addTask {
                // A policy that empties the record empties it again.
                var isSaid = false
                await again("the record") { try await fillRecord(&isSaid) }
            }
        }
    }

    private func again(_ what: String, _ work: () async throws -> Void) async {
        let outage = Outage()
        repeat {
            do {
                try await work()
                _ = outage.end()
            } catch {
                // A lost connection is logged by the code that makes the next one.
                guard !Task.isCancelled, live.lost == nil else { continue }
                logger.log(
                    level: outage.note(error) ? .warning : .debug,
                    "\(what) of hub '\(topology.hub)' cannot be completed, which is tried again: \(error)"
                )
            }
        } while (try? await timing.clock.sleep(for: timing.watch)) != nil
    }

    private func makeParts() async throws {
        let missing = try await topology.missingParts(on: live.connection)
        guard !missing.isEmpty else { return try await topology.bindIntake(on: live.connection) }
        guard try await hubRepair.run({ try await topology.repair(on: live.connection, clock: timing.clock) }) else {
            return
        }
        logger.warning(
            """
            \(missing.map { "'\($0)'" }.joined(separator: ", ")) had been deleted. All queues and exchanges of hub \
            '\(topology.hub)' that were missing are made again. Nodes, workers and gateways bind their queues again by \
            themselves; others must bind theirs
            """
        )
    }

    private func fillRecord(_ isSaid: inout Bool) async throws {
        guard try await !topology.isRecordFull(on: live.connection) else {
            isSaid = false
            return
        }
        logger.log(
            level: isSaid ? .debug : .warning,
            """
            the record of hub '\(topology.hub)' ('\(HubNames(topology.hub).record)') was emptied or deleted, or was not \
            filled by who made the hub: it is filled again. Should this come again, look for a policy that expires \
            messages (rabbitmqctl list_policies), and for who purges queues
            """
        )
        isSaid = true
        try await within(Self.timeout, of: timing.clock, "filling the record of hub '\(topology.hub)'") {
            try await topology.refillRecord(at: endpoint)
        }
    }
}
