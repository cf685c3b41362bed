import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus
import ServiceLifecycle

/// The outcome of waiting for a condition.
enum ConditionOutcome: String, Sendable {
    case met
    /// The instance has ended, and did not meet it at any time since the request.
    case ended
    /// It is still running, and may still meet it.
    case waiting
}

/// Requests that are held until an instance meets a condition.
extension Gateway {
    /// Checks the current status of the instance and every change from then on, even short-lived ones.
    ///
    /// - Returns: the status when it met the condition, or when the time is up; nil when there is no such instance.
    func until(_ condition: StatusExpression, _ instance: InstanceID, _ call: Call) async throws
        -> (status: InstanceStatus, outcome: ConditionOutcome)?
    {
        guard let status = try await current(instance) else { return nil }
        if condition.matches(status, now: now()) { return (status, .met) }
        if status.runtimeStatus.isEnded { return (status, .ended) }
        let limit = call.preferredWait?.duration ?? .zero
        do {
            let found = try await cancelWhenGracefulShutdown {
                try await within(limit, of: clock) {
                    try await search(condition, in: instance, after: Cursor(status), call)
                }
            }
            if let found = found ?? nil { return found }
        } catch is CancellationError {
            // The gateway is shutting down: it returns the current status.
        }
        return try await current(instance).map { ($0, $0.runtimeStatus.isEnded ? .ended : .waiting) }
    }

    private func search(
        _ condition: StatusExpression,
        in instance: InstanceID,
        after start: Cursor,
        _ call: Call
    ) async throws -> (InstanceStatus, ConditionOutcome)? {
        var cursor = start
        var filling = GapFilling()
        while !Task.isCancelled {
            let changes = model.changes(of: instance)
            guard let timeline = try await timeline(of: instance, after: cursor, limit: 200, filling: &filling) else {
                return nil
            }
            if let met = timeline.changes.first(where: { condition.matches($0.status, now: now()) }) {
                return (met.status, .met)
            }
            if let last = timeline.changes.last {
                cursor = Cursor(last.status)
                continue
            }
            // The age of an unchanged instance still grows.
            if condition.matches(timeline.current, now: now()) { return (timeline.current, .met) }
            if timeline.current.runtimeStatus.isEnded { return (timeline.current, .ended) }
            if case .left = await ChangeWait.wait(for: changes, upTo: .seconds(1), on: call.connection, clock) {
                return nil
            }
        }
        return nil
    }
}

extension HTTPField.Name {
    static let untilOutcome = Self("Reprise-Until")!
}
