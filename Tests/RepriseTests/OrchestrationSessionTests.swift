import Foundation
import Logging
import Reprise
import Testing

/// Canaries of exact orders: what replay rests on. A new compiler that changes one of them must be noticed here.
@Suite struct OrchestrationSessionTests {
    @Test func oneEventRunsTheCodeAsFarAsItGoes() {
        let session = makeSession(Sequential())
        #expect(session.start() == ["call activity 'A' (#1)"])
        #expect(session.complete(1, "\"x\"") == ["set the custom status", "call activity 'A' (#2)"])
        #expect(session.complete(2, "\"y\"") == ["set the custom status", "complete"])
    }

    @Test func asyncLetStartsInTheOrderWritten() {
        for _ in 0..<100 {
            let session = makeSession(Parallel())
            #expect(session.start() == ["call activity 'A' (#1)", "call activity 'B' (#2)", "call activity 'C' (#3)"])
            #expect(session.complete(3, "3") == [])
            #expect(session.complete(1, "1") == [])
            #expect(session.complete(2, "2") == ["complete"])
            session.evict()
        }
    }

    @Test func taskGroupsStartInOrderAndCollectInTheOrderOfResults() {
        for _ in 0..<100 {
            let session = makeSession(Group())
            #expect(session.start().count == 50)
            for id in (1...50).reversed() {
                let decisions = session.complete(Int64(id), "\(id)")
                #expect(decisions == (id == 1 ? ["complete"] : []))
            }
        }
    }

    @Test func theLoserOfARaceIsCanceledBeforeTheCodeGoesOn() {
        for _ in 0..<300 {
            let session = makeSession(Race())
            #expect(session.start() == ["create a timer (#2)"])
            let turn = session.apply(.eventRaised(name: "go", .string("now")), at: at, replaying: false)
            #expect(turn.problem == nil)
            #expect(turn.decisions.map(\.description) == ["cancel timer #2", "complete"])
        }
    }

    @Test func aWaitThatIsCanceledBeforeItBeganEnds() {
        for _ in 0..<300 {
            let session = makeSession(CanceledEarly())
            #expect(session.start() == ["complete"])
        }
    }

    @Test func sleepingOutsideTheContextIsDiagnosed() {
        let session = makeSession(Sleeper())
        let turn = session.apply(.executionStarted(name: "x", input: .null), at: at, replaying: false)
        #expect(turn.problem?.type == "StalledOrchestrator")
        session.evict()
    }

    /// The foreign thread may come before the turn's end, before the code waits for it, or after both.
    @Test func unstructuredTasksAreDiagnosedWhoeverIsFirst() {
        for _ in 0..<300 {
            let session = makeSession(Unstructured())
            let turn = session.apply(.executionStarted(name: "x", input: .null), at: at, replaying: false)
            if let problem = turn.problem {
                #expect(["StalledOrchestrator", "LeftOrchestratorExecutor"].contains(problem.type))
            } else {
                #expect(turn.decisions.map(\.description) == ["fail with OffExecutor"])
            }
            session.evict()
        }
    }

    @Test func anEvictedSessionRecordsNothingAndEnds() {
        let session = makeSession(Stubborn())
        #expect(session.start() == ["call activity 'A' (#1)"])
        session.evict()
        #expect(!session.isAwaiting(TaskID(1)))
    }

    @Test func theNewestWaiterGetsTheEvent() {
        let session = makeSession(TwoWaiters())
        #expect(session.start() == [])
        let turn = session.apply(.eventRaised(name: "E", .string("1")), at: at, replaying: false)
        #expect(turn.decisions.map(\.description) == ["set the custom status"])
        guard case .setCustomStatus(let status) = turn.decisions.first else { return }
        #expect(status.text == "\"second: 1\"")
        session.evict()
    }

    @Test func retriesPauseByTheirPolicyAndCarryTheFirstAttempt() {
        let session = makeSession(Retrying())
        #expect(session.start() == ["call activity 'A' (#1)"])
        var turn = session.apply(.taskFailed(TaskID(1), Failure(type: "E", message: "no")), at: at, replaying: false)
        #expect(turn.decisions.map(\.description) == ["create a timer (#2)"])
        turn = session.apply(.timerFired(TaskID(2)), at: at, replaying: false)
        guard case .scheduleTask(let request) = turn.decisions.first, request.name == "A", request.attempt == 2 else {
            Issue.record("expected a second attempt, got \(turn.decisions)")
            return
        }
        #expect(request.id == TaskID(3))
        #expect(request.firstAttempt == TaskID(1))
        turn = session.apply(.taskFailed(TaskID(3), Failure(type: "E", message: "no")), at: at, replaying: false)
        #expect(turn.decisions.map(\.description) == ["fail with ActivityFailed"])
    }

    @Test func uuidsAndRandomNumbersRepeat() throws {
        let first = try #require(output(of: makeSession(Random())))
        let second = try #require(output(of: makeSession(Random())))
        #expect(first == second)
    }
}

// MARK: Orchestrators under test

private struct Sequential: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> [String] {
        var all: [String] = []
        for _ in 0..<2 {
            all.append(try await context.call("A", "in"))
            try context.setCustomStatus(all.count)
        }
        return all
    }
}

private struct Parallel: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        async let a: Int = context.call("A", 1)
        async let b: Int = context.call("B", 1)
        async let c: Int = context.call("C", 1)
        return try await a + b + c
    }
}

private struct Group: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for n in 0..<50 { group.addTask { try await context.call("A", n) } }
            var all: [Int] = []
            for try await n in group { all.append(n) }
            #expect(all == (1...50).reversed())
            return all
        }
    }
}

private struct Race: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> String {
        try await context.waitForEvent("GO", timeout: .seconds(60))
    }
}

private struct CanceledEarly: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> String {
        await withTaskGroup(of: String.self) { group in
            group.addTask {
                do {
                    return try await context.waitForEvent("never")
                } catch {
                    return "canceled"
                }
            }
            group.cancelAll()
            return await group.next() ?? "nothing"
        }
    }
}

private struct Sleeper: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        try await Task.sleep(for: .seconds(3600))
        return 1
    }
}

private struct Unstructured: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        try await Task { try await context.call("A", 1) }.value
    }
}

private struct Stubborn: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        while true {
            do {
                return try await context.call("A", 1)
            } catch {
                continue
            }
        }
    }
}

private struct TwoWaiters: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        async let first: Void = wait("first", context)
        async let second: Void = wait("second", context)
        _ = try await (first, second)
        return 0
    }

    private func wait(_ label: String, _ context: OrchestrationContext) async throws {
        let value: String = try await context.waitForEvent("e")
        try context.setCustomStatus("\(label): \(value)")
    }
}

private struct Retrying: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        try await context.call("A", 1, retry: RetryPolicy(maximumAttempts: 2, firstInterval: .seconds(5)))
    }
}

private struct Random: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> [String] {
        [
            try context.newUUID().uuidString, "\(try context.random(in: 1...1_000_000))",
            try context.newUUID().uuidString,
        ]
    }
}

// MARK: Shorthand

private let at = Timestamp(milliseconds: 1_000)

private func makeSession(_ orchestrator: some Orchestrator) -> OrchestrationSession {
    OrchestrationSession(
        identity: ExecutionIdentity(instance: InstanceID(trusted: "i"), name: "x", incarnation: 7),
        orchestrator: RegisteredOrchestrator(orchestrator),
        limits: Limits(),
        logger: Logger(label: "test")
    )
}

private func output(of session: OrchestrationSession) -> Payload? {
    let turn = session.apply(.executionStarted(name: "x", input: .null), at: at, replaying: false)
    guard case .complete(let payload) = turn.decisions.last else { return nil }
    return payload
}

extension OrchestrationSession {
    fileprivate func start() -> [String] {
        apply(.executionStarted(name: "x", input: .null), at: at, replaying: false).decisions.map(\.description)
    }

    fileprivate func complete(_ id: Int64, _ result: String) -> [String] {
        apply(.taskCompleted(TaskID(id), result: Payload(trusted: Array(result.utf8))), at: at, replaying: false)
            .decisions.map(\.description)
    }
}
