import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// A broker that was wiped, or a queue that was purged, left those waiting for its messages waiting forever.
@Suite struct ResendTests {
    func rig(_ settings: PartitionSettings = PartitionSettings()) throws -> PartitionFixture {
        try PartitionFixture(
            settings,
            adding: Family.all + [RegisteredOrchestrator(AccountAsker())],
            entities: [RegisteredEntity(Account(), limits: Limits())]
        )
    }

    /// Lets the partition go on with what it sends again.
    func goOn(_ rig: PartitionFixture, steps: Int = 20) throws {
        for _ in 0..<steps { try rig.advance(by: .milliseconds(1)) }
    }

    func balance(_ rig: PartitionFixture, _ key: String) throws -> String? {
        try rig.status("@account@\(key)")?.customStatus.text
    }

    func count(_ answers: [Answer]) -> [Int?] {
        answers.map { if case .counted(_, let count) = $0 { count } else { nil } }
    }

    // MARK: A broker that was wiped

    @Test func tasksGoOutAgainAfterAWipe() throws {
        let rig = try rig()
        try rig.send(.start("f", "FanOut", count: 5), .start("h", "Hello"))
        let before = rig.takeTasks()
        #expect(before.count == 6)
        try rig.wipeBroker()
        try goOn(rig)
        let again = rig.takeTasks()
        #expect(again == before, "with the same keys and tokens, each once")
        try rig.handle(
            again.map {
                .result(
                    TaskResult(instance: $0.instance, token: $0.token, outcome: TestOrchestrators.outcome(of: $0.task))
                )
            }
        )
        try rig.settle()
        for id in ["f", "h"] { #expect(try rig.status(id)?.runtimeStatus == .completed, "\(id)") }
        #expect(rig.journal.state.timers.isEmpty && rig.journal.state.retries.count <= 6)
        #expect(rig.journal.breaches.isEmpty)
    }

    /// - Parameter rounds: how often what instances sent each other arrived before the wipe.
    @Test(arguments: [0, 1]) func childrenThatWereLostAreStartedOnce(rounds: Int) throws {
        let rig = try rig()
        try rig.send(.start("p", "Parent", Upbringing(children: 3)))
        try rig.passOn(rounds: rounds)
        try rig.wipeBroker()
        try goOn(rig)
        try rig.settle()
        #expect(try rig.status("p")?.runtimeStatus == .completed)
        #expect(rig.statuses.count { $0.kind == .started && $0.name == "Child" } == 3)
    }

    @Test(arguments: [false, true]) func theEndOfAChildThatWasLostIsToldAgain(purged: Bool) throws {
        let rig = try rig()
        try rig.send(.start("p", "Parent", Upbringing(children: 1, id: "c")))
        try rig.passOn()
        try rig.work()
        #expect(try rig.status("c")?.runtimeStatus == .completed)
        if purged { try rig.send(.purge("c")) }
        try rig.wipeBroker()
        try goOn(rig)
        try rig.settle()
        let parent = try #require(try rig.status("p"))
        #expect(rig.statuses.count { $0.kind == .started && $0.name == "Child" } == 1, "it is not done again")
        if purged {
            #expect(parent.failure?.cause?.type == Failure.Kind.answerLost)
        } else {
            #expect(parent.runtimeStatus == .completed)
        }
    }

    @Test(arguments: [0, 1]) func entitiesAreAskedOnceAndAnswerAgain(rounds: Int) throws {
        let rig = try rig()
        try rig.send(.start("a", "AccountAsker", Order(tag: "x", count: 5)))
        try rig.passOn(rounds: rounds)
        try rig.wipeBroker()
        try goOn(rig)
        try rig.settle()
        #expect(try rig.output("a") == "5")
        #expect(try balance(rig, "x") == "5", "it was added once")
    }

    /// An entity keeps its last state and answer. One that has gone on does not do it again: who waits hears of it.
    @Test func anAnswerThatNobodyHasAnyMoreIsAFailure() throws {
        let rig = try rig()
        try rig.send(.start("a", "AccountAsker", Order(tag: "x", count: 5)))
        try rig.passOn(rounds: 1)
        try rig.send(.operate("@account@x", "add", "1"))
        try rig.wipeBroker()
        try goOn(rig)
        try rig.settle()
        #expect(try rig.status("a")?.failure?.description.contains(Failure.Kind.answerLost) == true)
        #expect(try balance(rig, "x") == "6")
    }

    /// The request on its way to the first entity, to the second, and the grant on its way back.
    @Test(arguments: [0, 1, 2]) func aLockThatWasLostIsGranted(rounds: Int) throws {
        let rig = try rig()
        try rig.send(.start("k", "Keeper", tag: "k"))
        try rig.passOn(rounds: rounds)
        try rig.wipeBroker()
        try goOn(rig)
        try rig.passOn()
        try rig.send(.operate("@account@a", "add", "1"), .operate("@account@b", "add", "1"))
        #expect(try balance(rig, "a") == "null" && balance(rig, "b") == "null", "both are locked")
        try rig.send(.event("k", "go", #""now""#))
        try rig.settle()
        #expect(try rig.output("k") == #""now""#)
        #expect(try balance(rig, "a") == "1" && balance(rig, "b") == "1", "and free again")
        #expect(rig.journal.state.pending.isEmpty)
    }

    /// A node without the entity's code refused the lock, and the broker lost that answer: the caller waited forever.
    @Test func aLostRefusalOfALockIsGivenAgain() throws {
        let rig = try rig()
        try rig.send(.start("k", "Keeper", tag: "k"))
        try rig.restart(without: "Account")
        try rig.passOn(rounds: 1)
        try rig.wipeBroker(without: "Account")
        try goOn(rig)
        try rig.passOn()
        #expect(try rig.status("k")?.runtimeStatus == .failed)
        #expect(try rig.status("k")?.failure?.description.contains("UnknownEntity") == true)
    }

    /// Two in line for the same entities: each has its turn once.
    @Test func whoWaitsInLineKeepsItsPlace() throws {
        let rig = try rig()
        try rig.send(.start("k", "Keeper", tag: "k"))
        try rig.passOn()
        try rig.send(.start("l", "Keeper", tag: "l"))
        try rig.passOn()
        let waiting = rig.journal.state.pending.count
        #expect(waiting == 1)
        try rig.wipeBroker()
        try goOn(rig)
        try rig.passOn()
        #expect(rig.journal.state.pending.count == waiting)
        for id in ["k", "l"] {
            try rig.send(.event(id, "go", #""now""#))
            try rig.settle()
            #expect(try rig.status(id)?.runtimeStatus == .completed)
        }
        try rig.send(.operate("@account@a", "add", "1"))
        #expect(try balance(rig, "a") == "1")
    }

    /// No one was left to send the word that frees them.
    @Test func aLockWhoseReleaseWasLostIsGivenBack() throws {
        let rig = try rig()
        try rig.send(.start("k", "Keeper", tag: "k"))
        try rig.passOn()
        try rig.send(.event("k", "go", #""now""#))
        #expect(try rig.status("k")?.runtimeStatus == .completed)
        try rig.wipeBroker()
        try rig.send(.operate("@account@a", "add", "1"), .operate("@account@b", "add", "1"))
        #expect(try balance(rig, "a") == "null", "still locked")
        try goOn(rig)
        try rig.settle()
        #expect(try balance(rig, "a") == "1" && balance(rig, "b") == "1")
    }

    /// What has its answer, and what is on its way still, is not sent again.
    @Test func onlyWhatIsOpenGoesOutAgain() throws {
        let rig = try rig()
        try rig.send(.start("s", "Hello"), .start("t", "Hello"))
        let tasks = rig.takeTasks()
        try rig.send(.suspend("s"))
        try rig.handle([
            .result(
                TaskResult(
                    instance: tasks[0].instance,
                    token: tasks[0].token,
                    outcome: TestOrchestrators.outcome(of: tasks[0].task)
                )
            )
        ])
        try rig.restart(epochs: JournalPosition.epochsOfALostLog)
        _ = rig.takeTasks()
        try goOn(rig)
        #expect(rig.takeTasks().isEmpty, "one has its result, the other was not confirmed and has just gone out")
    }

    @Test func aPlainTakeoverSendsNothingAgain() throws {
        let rig = try rig()
        try rig.send(.start("h", "Hello"))
        try rig.loseMessages()
        try rig.partition.flush()
        try rig.restart()
        try goOn(rig)
        #expect(rig.takeTasks().isEmpty)
    }

    // MARK: Portions

    /// 2,000 tasks, of many instances and of one, in commits of at most 256, also when the process dies in the middle.
    @Test(arguments: [false, true]) func muchGoesInPortions(inOne: Bool) throws {
        let rig = try rig()
        if inOne {
            try rig.send(.start("f", "FanOut", count: 2_000))
        } else {
            for number in 0..<2_000 { try rig.send(.start("h\(number)", "Hello")) }
        }
        let before = Set(rig.takeTasks().map(\.token))
        try rig.wipeBroker()
        var again: [TaskToken] = []
        var batches = 0
        while Set(again).count < 2_000, batches < 200 {
            let published = rig.published.count
            let retrying = rig.journal.state.retries.count
            try rig.advance(by: .milliseconds(100))
            #expect(rig.published.count - published <= 256)
            #expect(rig.journal.state.retries.count - retrying <= 256)
            again += rig.takeTasks().map(\.token)
            if batches == 3 { try rig.restart() }
            if batches > 5 {
                #expect(rig.journal.state.retries.count <= 1_024 + 256, "no more than the broker has yet to confirm")
                try rig.confirmAll()
            }
            batches += 1
        }
        #expect(Set(again) == before)
        #expect(again.count < 2 * before.count, "what was not confirmed when the process died went twice, no more")
    }
}

/// Has a number added to an account, and gives the sum.
private struct AccountAsker: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        try await context.callEntity(try EntityID("Account", input.tag), "add", input.count, returning: Int.self)
    }
}
