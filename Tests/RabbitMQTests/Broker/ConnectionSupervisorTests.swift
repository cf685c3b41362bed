import Synchronization
import Testing

@testable import RabbitMQ

/// Attempts and their ends, on a real broker.
@Suite(.timeLimit(.minutes(1))) struct ConnectionSupervisorTests {
    struct NotYet: Error {}

    let states = Recorder<ConnectionSupervisor.State>()
    let backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(100))

    func waitForConnection() async throws {
        _ = try await states.wait("connection") { states -> Bool? in
            if case .connected = states.last { true } else { nil }
        }
    }

    @Test func aFailedSetupIsTriedAgain() async throws {
        let attempts = Recorder<Connection>()
        let supervisor = ConnectionSupervisor(
            try TestBroker.configuration(),
            backoff: backoff,
            onState: { [states] in states.record($0) },
            setup: { connection in
                attempts.record(connection)
                if attempts.events.count < 3 { throw NotYet() }
            }
        )
        let running = Task { try await supervisor.run() }
        try await waitForConnection()
        #expect(attempts.events.map { $0.closeReason == nil } == [false, false, true])
        let errors = states.events.compactMap { if case .connecting(_, let error?) = $0 { error } else { nil } }
        #expect(errors.count == 2)
        #expect(errors.allSatisfy { $0 is NotYet })
        running.cancel()
        try await running.value
        #expect(attempts.events[2].closeReason?.code == .closed)
        guard case .stopped = states.events.last else {
            Issue.record("The last state is \(String(describing: states.events.last)).")
            return
        }
    }

    // A setup that waits for something else than its connection once kept the supervisor from noticing its end.
    @Test func theEndOfAConnectionCancelsItsSetup() async throws {
        let attempts = Recorder<Connection>()
        let supervisor = ConnectionSupervisor(
            try TestBroker.configuration(),
            backoff: backoff,
            onState: { [states] in states.record($0) },
            setup: { connection in
                attempts.record(connection)
                guard attempts.events.count == 1 else { return }
                await connection.close()
                let (never, feed) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                try Task.checkCancellation()
                feed.finish()
            }
        )
        let running = Task { try await supervisor.run() }
        try await waitForConnection()
        #expect(attempts.events.count == 2)
        running.cancel()
        try await running.value
    }

    @Test func aConfigurationThatCannotBeUsedEndsIt() async throws {
        var configuration = try TestBroker.configuration()
        configuration.port = 0
        let supervisor = ConnectionSupervisor(configuration) { _ in }
        let error = await #expect(throws: RabbitMQError.self) { try await supervisor.run() }
        #expect(error?.code == .invalidArgument)
    }
}
