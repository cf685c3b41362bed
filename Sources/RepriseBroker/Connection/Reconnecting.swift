import Logging
import RabbitMQ

/// Runs work on a connection of its own, over and over: when the connection or the work fails, with a fresh one after a pause.
struct Reconnecting: Sendable {
    let endpoint: BrokerEndpoint
    let purpose: String
    let logger: Logger
    var backoff = Backoff()
    /// Why there is no connection, for those who wait for it.
    var outage = Outage()

    /// A connection that has lasted so long is one.
    private static let settled = Duration.seconds(1)

    /// Returns when the task is cancelled.
    ///
    /// `work` should end by throwing what it lost; its return means that there is nothing left to do.
    ///
    /// - Throws: a ``HubError`` that trying again would not mend.
    func run(_ work: (LiveConnection) async throws -> Void) async throws {
        var failures = 0
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                let live = try await endpoint.open(for: purpose, logger: logger)
                do {
                    async let _: Void = sayOnceSettled()
                    try await work(live)
                } catch {
                    await live.connection.close()
                    throw error
                }
                await live.connection.close()
                return
            } catch let error as HubError where !error.isRetriable {
                throw error
            } catch {
                guard !Task.isCancelled else { return }
                failures = ContinuousClock.now - start > backoff.cap ? 1 : failures + 1
                logger.log(level: outage.note(error) ? .warning : .debug, "\(purpose): \(error); connecting again")
                try? await Task.sleep(for: backoff.delay(failures: failures, using: &generator))
            }
        }
    }

    private func sayOnceSettled() async {
        try? await Task.sleep(for: Self.settled)
        if !Task.isCancelled, outage.end() { logger.notice("\(purpose): connected again") }
    }
}
