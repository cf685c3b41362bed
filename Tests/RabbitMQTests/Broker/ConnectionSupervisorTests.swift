import Synchronization
import Testing

@testable import RabbitMQ

/// Attempts and their ends, on a real broker.
@Suite(.timeLimit(.minutes(1))) struct ConnectionSupervisorTests {
    struct NotYet: Error {}

    let states = Recorder<RabbitMQConnectionSupervisor.State>()
    let backoff = RabbitMQBackoff(base: .milliseconds(20), cap: .milliseconds(100))

    func supervisor(
        settling: Duration = .milliseconds(1),
        isRetriable: @escaping @Sendable (any Error) -> Bool = { _ in true }
    ) throws -> RabbitMQConnectionSupervisor {
        RabbitMQConnectionSupervisor(
            try TestBroker.configuration(),
            backoff: backoff,
            settling: settling,
            isRetriable: isRetriable,
            onState: { [states] in states.record($0) }
        )
    }

    static func errors(_ states: [RabbitMQConnectionSupervisor.State]) -> [any Error] {
        states.compactMap { if case .connecting(_, let error?) = $0 { error } else { nil } }
    }

    @Test func failedWorkIsTriedAgain() async throws {
        let attempts = Recorder<RabbitMQConnection>()
        let supervisor = try supervisor()
        let running = Task {
            try await supervisor.run { connection in
                attempts.record(connection)
                if attempts.events.count < 3 { throw NotYet() }
                try await connection.untilClosed()
            }
        }
        _ = try await states.wait("connection that lasts after two failures") { states -> Bool? in
            if Self.errors(states).count == 2, case .settled = states.last { true } else { nil }
        }
        #expect(attempts.events.map { $0.closeReason == nil } == [false, false, true])
        #expect(Self.errors(states.events).allSatisfy { $0 is NotYet })
        running.cancel()
        try await running.value
        #expect(attempts.events[2].closeReason?.code == .closed)
        guard case .stopped = states.events.last else {
            Issue.record("The last state is \(String(describing: states.events.last)).")
            return
        }
    }

    @Test func theEndOfAConnectionEndsItsWork() async throws {
        let attempts = Recorder<RabbitMQConnection>()
        let supervisor = try supervisor(settling: .seconds(60))
        try await supervisor.run { connection in
            attempts.record(connection)
            guard attempts.events.count == 1 else { return }
            await connection.close()
            try await connection.untilClosed()
        }
        #expect(attempts.events.count == 2)
        #expect(attempts.events.allSatisfy { $0.closeReason != nil })
        #expect(Self.errors(states.events).map { ($0 as? RabbitMQError)?.code } == [.closed])
        #expect(!states.events.contains { if case .settled = $0 { true } else { false } })
        guard case .stopped = supervisor.state else {
            Issue.record("The supervisor is \(supervisor.state).")
            return
        }
    }

    /// Runs until `work` returns over the second connection. The broker closes the first.
    func runOverTwo(
        _ supervisor: RabbitMQConnectionSupervisor,
        first work: @escaping @Sendable () async throws -> Void
    ) async throws -> [RabbitMQConnection] {
        let attempts = Recorder<RabbitMQConnection>()
        let running = Task {
            try await supervisor.run { connection in
                attempts.record(connection)
                if attempts.events.count == 1 { try await work() }
            }
        }
        let first = try await attempts.wait("the first connection") { $0.first }
        let channel = try await first.openChannel()
        #expect(try await TestBroker.loseConnection(over: channel)?.code == .notAllowed)
        try await running.value
        return attempts.events
    }

    @Test func workIsCancelledWhenItsConnectionIsLost() async throws {
        let attempts = try await runOverTwo(supervisor()) { try await Task.sleep(for: .seconds(3_600)) }
        #expect(attempts.count == 2)
        #expect(attempts[0].closeReason?.code == .notAllowed)
        // Of the connection: that the work was canceled is not a reason.
        #expect(Self.errors(states.events).map { ($0 as? RabbitMQError)?.code } == [.notAllowed])
    }

    @Test func workThatReturnsWhenItIsCancelledBeginsAnew() async throws {
        let attempts = try await runOverTwo(supervisor()) { try? await Task.sleep(for: .seconds(3_600)) }
        #expect(attempts.count == 2)
        #expect(Self.errors(states.events).map { ($0 as? RabbitMQError)?.code } == [.notAllowed])
    }

    @Test func theNextConnectionWaitsForTheEndOfWorkThatIsCancelled() async throws {
        let states = states
        _ = try await runOverTwo(supervisor()) {
            try? await Task.sleep(for: .seconds(3_600))
            // Not canceled itself.
            await Task { try? await Task.sleep(for: .milliseconds(200)) }.value
            #expect(Self.errors(states.events).isEmpty)
        }
    }

    @Test func whatCancelledWorkThrowsIsJudged() async throws {
        let supervisor = try supervisor(isRetriable: { !($0 is NotYet) })
        await #expect(throws: NotYet.self) {
            _ = try await runOverTwo(supervisor) {
                try? await Task.sleep(for: .seconds(3_600))
                throw NotYet()
            }
        }
    }

    @Test func aFailureThatTryingDoesNotMendEndsIt() async throws {
        let supervisor = try supervisor(isRetriable: { !($0 is NotYet) })
        await #expect(throws: NotYet.self) { try await supervisor.run { _ in throw NotYet() } }
        guard case .stopped = states.events.last else {
            Issue.record("The last state is \(String(describing: states.events.last)).")
            return
        }
    }

    @Test func whoeverIsCancelledWhileItWaitsForTheEndReturns() async throws {
        try await TestBroker.withConnection { connection in
            let waiting = Task { try await connection.untilClosed() }
            waiting.cancel()
            try await waiting.value
            #expect(connection.closeReason == nil)
        }
    }

    @Test func aConfigurationThatCannotBeUsedEndsIt() async throws {
        var configuration = try TestBroker.configuration()
        configuration.port = 0
        let supervisor = RabbitMQConnectionSupervisor(configuration)
        let error = await #expect(throws: RabbitMQError.self) { try await supervisor.run { _ in } }
        #expect(error?.code == .invalidArgument)
        guard case .stopped = supervisor.state else {
            Issue.record("it ran, and is \(supervisor.state)")
            return
        }
    }

    /// What it throws because it was canceled need not be retriable.
    @Test func whoeverIsCancelledReturnsWhateverIsRetriable() async throws {
        let supervisor = try supervisor(isRetriable: { ($0 as? RabbitMQError)?.code == .connectionLost })
        let running = Task { try await supervisor.run { _ in try await Task.sleep(for: .seconds(3_600)) } }
        _ = try await states.wait("connection") { states -> Bool? in
            states.contains { if case .connected = $0 { true } else { false } } ? true : nil
        }
        running.cancel()
        try await running.value
    }
}
