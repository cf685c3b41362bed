import CRabbitMQ
import Synchronization

extension ConnectionCore {
    /// Starts the thread and returns when it has logged in.
    ///
    /// A canceled caller does not wait for a silent host: the thread ends by itself some seconds later.
    static func open(
        _ configuration: RabbitMQConnectionConfiguration,
        onEvent: @escaping @Sendable (RabbitMQConnectionEvent) -> Void
    ) async throws(RabbitMQError) -> ConnectionCore {
        let core = ConnectionCore(configuration: configuration, doorbell: try Doorbell())
        let opening = Opening()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { opened in
                guard opening.wait(opened) else { return }
                do throws(RabbitMQError) {
                    try OwnedThread.start {
                        do throws(RabbitMQError) {
                            let loop = try ConnectionLoop(core: core, onEvent: onEvent)
                            if !opening.end(.success(())) { core.abandon() }
                            loop.run()
                        } catch {
                            _ = core.finish(error)
                            opening.end(.failure(error))
                        }
                    }
                } catch {
                    opening.end(.failure(error))
                }
            }
        } onCancel: {
            opening.end(.failure(RabbitMQError(.cancelled, "The attempt to connect was canceled.")))
        }
        try result.get()
        return core
    }

    /// The waiter for a connection to open: resumed once, by the first outcome.
    private final class Opening: Sendable {
        typealias Waiter = CheckedContinuation<Result<Void, RabbitMQError>, Never>

        private struct State {
            var waiter: Waiter?
            var result: Result<Void, RabbitMQError>?
        }

        private let state = Mutex(State())

        /// False when it has already ended, and the waiter was told so.
        func wait(_ waiter: Waiter) -> Bool {
            let result = state.withLock { state in
                if state.result == nil { state.waiter = waiter }
                return state.result
            }
            if let result { waiter.resume(returning: result) }
            return result == nil
        }

        /// False when another outcome came first.
        @discardableResult
        func end(_ result: Result<Void, RabbitMQError>) -> Bool {
            let (isFirst, waiter): (Bool, Waiter?) = state.withLock { state in
                guard state.result == nil else { return (false, nil) }
                state.result = result
                return (true, state.waiter.take())
            }
            waiter?.resume(returning: result)
            return isFirst
        }
    }
}
