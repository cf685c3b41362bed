import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// An orchestration fails within a critical section: its locks are released. Rewound, its code is in the section still,
/// and must have the locks again before it goes on: else others interleave, and updates are lost.
@Suite struct LockRewindTests {
    private func rig() throws -> PartitionFixture {
        try PartitionFixture(
            adding: Family.all + [
                RegisteredOrchestrator(Locker()), RegisteredOrchestrator(Queuer()), RegisteredOrchestrator(Hasty()),
            ],
            entities: [RegisteredEntity(Account(), limits: Limits())]
        )
    }

    private func balance(_ rig: PartitionFixture, _ key: String) throws -> String? {
        guard case .status(let status, _)? = try rig.ask(.status(EntityID("Account", key).instance, history: false))
        else { return nil }
        return status?.customStatus.text
    }

    private func answer(_ rig: PartitionFixture, _ task: TaskMessage, _ value: Int64?) throws {
        let outcome: TaskResult.Outcome =
            if let value { .completed(.number(value)) } else { .failed(Failure(type: "Down", message: "no")) }
        try rig.handle([.result(TaskResult(instance: task.instance, token: task.token, outcome: outcome))])
    }

    /// One that has the locks of `a` and `b`, has added 1 to `a`, and has failed with its activity.
    private func failed(_ rig: PartitionFixture) throws {
        try rig.send(.start("t", "Locker", tag: "t"))
        try rig.passOn()
        try answer(rig, try #require(rig.takeTasks().first), nil)
        #expect(try rig.status("t")?.runtimeStatus == .failed)
        try rig.passOn()
    }

    @Test(arguments: [false, true]) func theBodyGoesOnUnderANewLock(restarting: Bool) throws {
        let rig = try rig()
        try failed(rig)
        try rig.send(.operate("@account@a", "add", "10"), .operate("@account@b", "add", "10"))
        #expect(try balance(rig, "a") == "11" && balance(rig, "b") == "10", "what failed has let go")

        #expect(try rig.send(.rewind("t")).map(\.word) == ["accepted"])
        if restarting { try rig.restart() }
        try rig.passOn(twice: true)
        let again = try #require(rig.takeTasks().last)
        try rig.send(.operate("@account@a", "add", "100"), .operate("@account@b", "add", "100"))
        #expect(try balance(rig, "a") == "11" && balance(rig, "b") == "10", "others wait")
        if restarting { try rig.restart() }
        try answer(rig, again, 5)
        try rig.settle(restarting: restarting)
        #expect(try rig.output("t") == "11", "nobody came between")
        #expect(try balance(rig, "a") == "111" && balance(rig, "b") == "111")
        #expect(rig.journal.state.pending.isEmpty && rig.journal.breaches.isEmpty)
    }

    @Test(arguments: [false, true]) func untilItHasTheLockTheCodeHearsOfNothing(restarting: Bool) throws {
        let rig = try rig()
        try failed(rig)
        try rig.send(.start("k", "Keeper", tag: "k"))
        try rig.passOn()
        try rig.send(.rewind("t"))
        try rig.passOn()
        try answer(rig, try #require(rig.takeTasks().last), 5)
        if restarting { try rig.restart() }
        try rig.passOn()
        #expect(try !rig.history("t").contains("call entity operation 'add' (#4)"))
        #expect(try rig.status("t")?.runtimeStatus == .running)
        try rig.send(.event("k", "go", #""now""#))
        try rig.settle(restarting: restarting)
        #expect(try rig.output("t") == "1")
        #expect(try rig.status("k")?.runtimeStatus == .completed)
        #expect(rig.journal.state.pending.isEmpty)
    }

    /// The second failure and the second rewind are like the first.
    @Test func asOftenAsItIsRewound() throws {
        let rig = try rig()
        try failed(rig)
        for _ in 0..<3 {
            try rig.send(.rewind("t"))
            try rig.passOn()
            try answer(rig, try #require(rig.takeTasks().last), nil)
            #expect(try rig.status("t")?.runtimeStatus == .failed)
            try rig.passOn()
            try rig.restart()
            try rig.passOn()
        }
        try rig.send(.rewind("t"))
        try rig.passOn()
        try answer(rig, try #require(rig.takeTasks().last), 1)
        try rig.settle()
        #expect(try rig.output("t") == "1")
        try rig.send(.operate("@account@a", "add", "1"))
        #expect(try balance(rig, "a") == "2", "no lock is left")
    }

    /// A call within the section was under way: it is handed out with the lock, and not before.
    @Test func aCallOfTheSectionIsHandedOutWithTheLock() throws {
        let rig = try rig()
        try rig.send(.start("q", "Queuer", tag: "q"))
        try rig.passOn()
        let task = try #require(rig.takeTasks().last)
        #expect(try balance(rig, "a") == "1")
        // One call is on its way when the activity beside it fails.
        try rig.send(.event("q", "go", "1"))
        try answer(rig, task, nil)
        #expect(try rig.status("q")?.runtimeStatus == .failed)
        try rig.passOn()
        try rig.send(.rewind("q"))
        try rig.passOn()
        try answer(rig, try #require(rig.takeTasks().last), 1)
        try rig.settle()
        #expect(try rig.status("q")?.runtimeStatus == .completed)
        try rig.send(.operate("@account@a", "add", "100"))
        #expect(rig.journal.state.pending.isEmpty, "no lock is left")
        #expect(rig.deadLetters.isEmpty)
    }

    /// The request of the failed execution was still on its way, overtaken by what gave it up, and was granted late: that
    /// is not the new one's grant, and giving it back must not give the new one back.
    @Test func theLockThatWasGivenUpIsNotTakenForTheNewOne() throws {
        let rig = try rig()
        try rig.send(.start("h", "Hasty", tag: "h"))
        let step = try #require(rig.takeTasks().last)
        try deliver(rig, from: 0)
        let onItsWay = try #require(rig.published.last { message($0) != nil })
        let released = rig.published.count
        try answer(rig, step, nil)
        #expect(try rig.status("h")?.runtimeStatus == .failed)
        try deliver(rig, from: released)
        try rig.send(.rewind("h"))

        let grant = rig.published.count
        try rig.handle([message(onItsWay)].compactMap(\.self))
        try deliver(rig, from: grant)
        #expect(try rig.health()?.droppedResults == 1)
        #expect(try rig.history("h").contains("call lock 'lock' (#2)"))
        #expect(try !rig.history("h").contains("result of task #2"))
        try rig.passOn()
        #expect(try rig.history("h").contains("result of task #2"))
        try rig.send(.operate("@account@a", "add", "100"), .operate("@account@b", "add", "100"))
        #expect(try balance(rig, "a") == "null" && balance(rig, "b") == "null", "both are locked")
        try rig.send(.event("h", "go", "5"))
        try answer(rig, try #require(rig.takeTasks().last), 1)
        try rig.settle()
        #expect(try rig.output("h") == "6")
        #expect(try balance(rig, "a") == "100" && balance(rig, "b") == "100")
    }

    private func message(_ outbound: Outbound) -> InboundDelivery.Message? {
        switch outbound.message {
        case .command(let command): .command(command)
        case .result(let result): .result(result)
        default: nil
        }
    }

    /// Brings one round of what was sent to where it goes.
    private func deliver(_ rig: PartitionFixture, from index: Int) throws {
        for outbound in rig.published[index...] { try rig.handle([message(outbound)].compactMap(\.self)) }
    }

    @Test func anOperationOfASectionThatIsOverIsRefused() throws {
        let rig = try rig()
        let section = CriticalSection(instance: try InstanceID("x"), incarnation: 1, lock: LockNumber(TaskID(1)))
        let request = EntityRequest(.operation(name: "add", input: .number(1)), section: section)
        let id = try EntityID("account", "a").instance
        #expect(try rig.send(Command(instance: id, action: .operate(request))).map(\.word) == ["Invalid"])
        #expect(try balance(rig, "a") == nil)
    }

    @Test func aLockOverMoreThanAMessageNamesIsRefusedAtTheCall() throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Greedy())])
        try rig.send(.start("g", "Greedy", tag: "g"))
        #expect(try rig.status("g")?.failure?.type == Failure.Kind.tooLarge)
        #expect(rig.journal.state.retries.isEmpty)
    }
}

/// Adds 1 to both accounts, with an activity in between.
private struct Locker: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let a = try EntityID("Account", "a")
        let b = try EntityID("Account", "b")
        return try await context.withLock(on: [a, b]) {
            try await context.callEntity(a, "add", 1)
            let _: Int = try await context.call("Step", 1)
            return try await context.callEntity(b, "add", 1, returning: Int.self)
        }
    }
}

/// Calls what it has locked while an activity is under way.
private struct Queuer: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let a = try EntityID("Account", "a")
        return try await context.withLock(on: [a]) {
            try await context.callEntity(a, "add", 1)
            async let step: Int = context.call("Step", 1)
            async let added: Int = add(context, a)
            let value = try await step
            return try await value + added
        }
    }

    private func add(_ context: OrchestrationContext, _ a: EntityID) async throws -> Int {
        let amount: Int = try await context.waitForEvent("go")
        return try await context.callEntity(a, "add", amount, returning: Int.self)
    }
}

/// Asks for a lock while an activity is under way, and wants it no more when that fails.
private struct Hasty: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        async let locked: Int = locked(context)
        let value: Int = try await context.call("Step", 1)
        return try await value + locked
    }

    private func locked(_ context: OrchestrationContext) async throws -> Int {
        try await context.withLock(on: [try EntityID("Account", "a"), try EntityID("Account", "b")]) {
            try await context.waitForEvent("go")
        }
    }
}

/// Locks more than any header holds.
private struct Greedy: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        let all = try (0..<1_000).map { try EntityID("Account", "\($0)\(String(repeating: "x", count: 100))") }
        return try await context.withLock(on: all) { 1 }
    }
}
