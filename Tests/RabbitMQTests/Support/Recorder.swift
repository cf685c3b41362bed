import RabbitMQ
import Synchronization

/// Remembers events and lets a test wait for what it expects of them.
final class Recorder<Event: Sendable>: Sendable {
    struct Missing: Error, CustomStringConvertible { let description: String }

    private struct State {
        var events: [Event] = []
        var waiters: [Int: @Sendable ([Event]) -> Bool] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    var events: [Event] { state.withLock { $0.events } }

    func record(_ event: Event) {
        state.withLock { state in
            state.events.append(event)
            for (key, isDone) in state.waiters where isDone(state.events) { state.waiters[key] = nil }
        }
    }

    /// Returns what `find` finds in the events so far, as soon as it does.
    func wait<Found: Sendable>(
        _ what: String,
        within limit: Duration = .seconds(15),
        for find: @escaping @Sendable ([Event]) -> Found?
    ) async throws -> Found {
        let (stream, feed) = AsyncStream.makeStream(of: Found.self, bufferingPolicy: .bufferingNewest(1))
        let waiter: @Sendable ([Event]) -> Bool = { events in
            guard let found = find(events) else { return false }
            feed.yield(found)
            feed.finish()
            return true
        }
        let key = state.withLock { state -> Int in
            state.nextWaiter += 1
            if !waiter(state.events) { state.waiters[state.nextWaiter] = waiter }
            return state.nextWaiter
        }
        defer { state.withLock { $0.waiters[key] = nil } }
        return try await withThrowingTaskGroup(of: Found?.self) { group in
            group.addTask { await stream.first { _ in true } }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            guard case .some(.some(let found)) = first else {
                throw Missing(description: "No \(what) within \(limit): \(self.events.suffix(5))")
            }
            return found
        }
    }
}

typealias ChannelRecorder = Recorder<RabbitMQChannelEvent>
typealias ConnectionRecorder = Recorder<RabbitMQConnectionEvent>

extension Recorder where Event == RabbitMQChannelEvent {
    var deliveries: [RabbitMQDelivery] { Self.deliveries(events) }
    var settlements: [RabbitMQSettlement] { Self.settlements(events) }

    static func deliveries(_ events: [RabbitMQChannelEvent]) -> [RabbitMQDelivery] {
        events.flatMap { event -> [RabbitMQDelivery] in if case .deliveries(let batch) = event { batch } else { [] } }
    }

    static func settlements(_ events: [RabbitMQChannelEvent]) -> [RabbitMQSettlement] {
        events.flatMap { event -> [RabbitMQSettlement] in if case .settled(let batch) = event { batch } else { [] } }
    }

    func deliveries(_ count: Int, within limit: Duration = .seconds(15)) async throws -> [RabbitMQDelivery] {
        try await wait("\(count) deliveries", within: limit) { events in
            let all = Self.deliveries(events)
            return all.count >= count ? all : nil
        }
    }

    func settlements(_ count: Int, within limit: Duration = .seconds(15)) async throws -> [RabbitMQSettlement] {
        try await wait("\(count) settlements", within: limit) { events in
            let all = Self.settlements(events)
            return all.count >= count ? all : nil
        }
    }

    func closed(within limit: Duration = .seconds(15)) async throws -> RabbitMQError {
        try await wait("close of the channel", within: limit) { events in
            if case .closed(let error) = events.last { error } else { nil }
        }
    }
}

extension Recorder where Event == RabbitMQConnectionEvent {
    func closed(within limit: Duration = .seconds(15)) async throws -> RabbitMQError {
        try await wait("close of the connection", within: limit) { events in
            if case .closed(let error) = events.last { error } else { nil }
        }
    }
}
