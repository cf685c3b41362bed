import Reprise
import RepriseTesting
import Testing

@Suite("What an activity's type says, and activities that share something")
struct ActivityTypesTests {
    @Test("Retries and time-outs are those of the type, unless the call has its own")
    func options() async throws {
        let hub = try TestHub(orchestrators: [Calling()], activities: [Unsteady()])
        await hub.fail(Unsteady.self, times: 2)
        #expect(try await hub.start(Calling.self, .asTheTypeSays).result() == 3)
        await hub.fail(Unsteady.self, times: 1)
        let once = try await hub.start(Calling.self, .once).end()
        #expect(once.failure?.cause?.type == "Arranged")
        // It takes longer than its type allows, but not than this call does.
        await hub.stub(Unsteady.self, taking: .minutes(2)) { _ in 0 }
        let late = try await hub.start(Calling.self, .asTheTypeSays).end()
        #expect(late.failure?.cause?.type == "StartToCloseTimeout")
        #expect(try await hub.start(Calling.self, .withMoreTime).result() == 0)
    }

    @Test("A container is listed as an activity is, and each of its activities is one")
    func container() async throws {
        let calls = Calls()
        let hub = try TestHub(orchestrators: [Booking()], activities: [Unsteady(), Desk(calls: calls)])
        #expect(try await hub.start(Booking.self, "a").result() == "2 of a")
        #expect(await hub.calls(of: Desk.Ask.self).count == 1)
        await hub.stub(Desk.Book.self) { _ in "stubbed" }
        #expect(try await hub.start(Booking.self, "b").result() == "stubbed")
    }

    @Test("A name that a container has once more is refused as any other")
    func clash() throws {
        let refused = #expect(throws: RepriseError.self) {
            try TestHub(orchestrators: [], activities: [Desk(calls: Calls()), Desk.Ask(desk: Desk(calls: Calls()))])
        }
        #expect("\(try #require(refused))".contains("two activities have the name 'Ask'"))
    }
}

private struct Unsteady: Activity {
    static let options = ActivityOptions(
        retry: RetryPolicy(maximumAttempts: 3, firstInterval: .seconds(1)),
        startToClose: .minutes(1)
    )

    func run(_ context: ActivityContext, input: Int) async throws -> Int { context.attempt }
}

private struct Calling: Orchestrator {
    enum Way: String, Codable { case asTheTypeSays, once, withMoreTime }

    func run(_ context: OrchestrationContext, input way: Way) async throws -> Int {
        switch way {
        case .asTheTypeSays: try await context.call(Unsteady.self, 1)
        case .once: try await context.call(Unsteady.self, 1, retry: .never)
        case .withMoreTime: try await context.call(Unsteady.self, 1, startToClose: .minutes(3))
        }
    }
}

private actor Calls {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}

private struct Desk: ActivityContainer {
    let calls: Calls

    var activities: [any Activity] { [Ask(desk: self), Book(desk: self)] }

    struct Ask: Activity {
        let desk: Desk
        func run(_ context: ActivityContext, input: String) async throws -> Bool { await desk.calls.next() > 0 }
    }

    struct Book: Activity {
        let desk: Desk
        func run(_ context: ActivityContext, input: String) async throws -> String {
            "\(await desk.calls.next()) of \(input)"
        }
    }
}

private struct Booking: Orchestrator {
    func run(_ context: OrchestrationContext, input: String) async throws -> String {
        guard try await context.call(Desk.Ask.self, input) else { return "none" }
        return try await context.call(Desk.Book.self, input)
    }
}
