package import Logging
package import RepriseBroker
import RepriseKernel
import ServiceLifecycle

/// Does what takes a broker, perhaps with a hub on it, however long that takes to be there. Each cause is logged
/// once, and so is the end of it all.
///
/// - Parameters:
///   - what: what does not go on meanwhile, for people: "The hub cannot be prepared yet".
///   - passes: whether an error may be none later.
/// - Returns: nil when the process is told to stop before.
/// - Throws: what `work` throws and does not pass.
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
