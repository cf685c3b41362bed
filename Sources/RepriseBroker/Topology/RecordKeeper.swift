import Logging
import RabbitMQ

/// Fills the record of a hub again when somebody has emptied or deleted it: by hand, by a policy that expires messages, or by
/// losing the connection while the hub was made.
///
/// Without it each program that comes to the hub must find out the hub's size in a longer way, and a hub that misses an inbox too
/// is found by nobody.
struct RecordKeeper: Sendable {
    let topology: HubTopology
    let endpoint: BrokerEndpoint
    /// To look over.
    let live: LiveConnection
    let timing: LogTiming
    let logger: Logger

    /// Of the largest hub, whose queues are all declared once more. While the broker has an alarm nothing is filled.
    private static let patience = Duration.seconds(60)

    /// Looks at once, and now and then, until the task is cancelled.
    func run() async {
        let outage = Outage()
        // A policy that empties the record empties it again.
        var isSaid = false
        repeat {
            do {
                guard try await !topology.isRecordFull(on: live.connection) else {
                    isSaid = false
                    continue
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
                try await within(Self.patience, of: timing.clock, "filling the record of hub '\(topology.hub)'") {
                    try await topology.refillRecord(at: endpoint)
                }
                _ = outage.end()
            } catch {
                // A lost connection is said by whoever makes the next one.
                guard !Task.isCancelled, live.lost.now == nil else { continue }
                logger.log(
                    level: outage.note(error) ? .warning : .debug,
                    "the record of hub '\(topology.hub)' cannot be filled, and is tried again: \(error)"
                )
            }
        } while (try? await timing.clock.sleep(for: timing.watch)) != nil
    }
}
