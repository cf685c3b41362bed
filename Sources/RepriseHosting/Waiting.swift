package import Logging
package import RepriseBroker
import RepriseKernel
import ServiceLifecycle

/// Does what needs a broker, perhaps with a hub on it, waiting as long as necessary. Each cause is logged once, and so
/// is the end of the wait.
///
/// - Parameters:
///   - what: what cannot happen meanwhile, for the log: "The hub cannot be prepared yet".
///   - passes: whether an error is temporary.
/// - Returns: nil when the process is told to stop first.
/// - Throws: what `work` throws and is not temporary.
package func untilThere<Result: Sendable>(
    _ what: String,
    logger: Logger,
    passes: (HubError) -> Bool = \.isRetriable,
    _ work: @Sendable @escaping () async throws -> Result
) async throws -> Result? {
    let outage = Outage()
    var failures = 0
    while !Task.isShuttingDownGracefully {
        do {
            let result = try await cancelWhenGracefulShutdown { try await work() }
            if outage.end() { logger.notice("The broker and the hub are there") }
            return result
        } catch let error as HubError where passes(error) {
            guard !Task.isShuttingDownGracefully else { break }
            logger.log(level: outage.note(error) ? .warning : .debug, "\(what): \(error.message); trying again")
        } catch {
            guard !Task.isShuttingDownGracefully else { break }
            throw error
        }
        failures += 1
        let pause = Duration.milliseconds(250).doubled(after: failures, atMost: .seconds(5))
        try? await cancelWhenGracefulShutdown { try await ContinuousClock().sleep(for: pause) }
        try Task.checkCancellation()
    }
    return nil
}
