import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import ServiceLifecycle
import Synchronization
import Testing

@testable import RepriseBroker

/// Tasks that come back again and again without an answer: perhaps they kill their workers.
@Suite("Suspects", .live)
struct SuspectTests {
    static let activity = "E1_SayHello"
    let zero = PartitionNumber(0)

    /// Runs every task with one closure, by its number.
    struct Runner: ActivityRunner {
        var activityNames = [SuspectTests.activity]
        var concurrency = 4
        var body: @Sendable (String) async -> Void
        func run(_ task: ActivityTask, report: @escaping @Sendable (Payload) -> Void) async -> TaskResult.Outcome? {
            await body(String(task.idempotencyKey.split(separator: ".").last ?? ""))
            return .completed(.null)
        }
    }

    @Test("A task that was lost twice is taken like any other")
    func lostTwice() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            try await declare(test)
            try await send(test, 1)
            try await lose(test, test.names.activity(Self.activity), times: QueueArguments.lossesOfSuspects - 1)
            // A suspect would wait until this one has ended.
            try await send(test, 2)
            let go = Promise<Void>()
            let worker = worker(test) { key in if key == "2" { _ = await go.value() } }
            try await test.running([worker.run]) {
                let answer = try await test.next(test.names.inbox(zero))
                #expect(String(decoding: answer.body.bytes ?? [], as: UTF8.self) == "null")
                go.set(())
            }
        }
    }

    @Test("A task that was lost three times is tried with nothing beside it")
    func alone() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            try await declare(test)
            let queue = test.names.activity(Self.activity)
            // The suspect: beside it there will be those that are sent while it runs.
            let (begun, go) = (Promise<Void>(), Promise<Void>())
            let atWork = Mutex<Set<String>>([])
            let company = Mutex<Set<String>>([])
            let worker = worker(test) { key in
                atWork.withLock { _ = $0.insert(key) }
                if key == "2" {
                    begun.set(())
                    _ = await go.value()
                    company.withLock { $0.formUnion(atWork.withLock { $0 }) }
                }
                atWork.withLock { _ = $0.remove(key) }
            }
            try await send(test, 2)
            try await lose(test, queue, times: QueueArguments.lossesOfSuspects)
            // The last answer comes before its task is acked.
            try await gracefully(worker) {
                _ = await begun.value()
                #expect(try await test.depth(test.names.suspects(Self.activity)) == 0)
                try await send(test, 3)
                try await Task.sleep(for: .milliseconds(300))
                // It waits in the queue, in no one's hands.
                #expect(try await test.depth(queue) == 1)
                go.set(())
                for _ in 2...3 { _ = try await answered(test) }
            }
            #expect(company.withLock { $0 } == ["2"])
            for queue in [queue, test.names.suspects(Self.activity)] {
                try await until("nothing in \(queue)") { try await test.depth(queue) == 0 }
            }
        }
    }

    @Test("While one worker tries a suspect, the others go on with what is fresh")
    func others() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            try await declare(test)
            for key in [1, 2] as [OutboundNumber] { try await suspect(test, key) }
            let go = Promise<Void>()
            let suspects = Mutex(0)
            let body: @Sendable (String) async -> Void = { key in
                guard key == "1" || key == "2" else { return }
                suspects.withLock { $0 += 1 }
                _ = await go.value()
            }
            try await test.running([worker(test, body).run, worker(test, body).run]) {
                try await until("a trial") { suspects.withLock { $0 } > 0 }
                // Long enough for the other one to look for suspects, too.
                try await Task.sleep(for: .seconds(3))
                #expect(suspects.withLock { $0 } == 1)
                try await send(test, 3)
                #expect(try await answered(test) == token(3))
                #expect(suspects.withLock { $0 } == 1)
                go.set(())
                for _ in 1...2 { _ = try await answered(test) }
            }
        }
    }

    /// A worker whose other task has no end before `go`, and the log lines in which it says that it does not wait for that.
    func busy(
        _ test: LiveHub,
        go: Promise<Void>,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await declare(test)
        let begun = Promise<Void>()
        let lines = LogLines()
        var worker = worker(test, logger: lines.logger) { key in
            guard key == "9" else { return }
            begun.set(())
            _ = await go.value()
        }
        worker.timeouts.idleness = .milliseconds(100)
        try await test.running([worker.run]) { [self] in
            try await send(test, 9)
            _ = await begun.value()
            try await send(test, 1, to: test.names.suspects(Self.activity))
            try await until("the worker to give up waiting") {
                lines.all.contains { $0.contains("goes on, and waits for that again in") }
            }
            try await body()
        }
    }

    /// The next answer; that a task was begun is not one.
    func answer(_ test: LiveHub) async throws -> RabbitMQDelivery {
        try await untilFound("an answer", within: .seconds(40)) {
            let next = try await test.channel().get(test.names.inbox(zero), noAck: true)
            return next?.properties.type == "ActivityStarted" ? nil : next
        }
    }

    func answered(_ test: LiveHub) async throws -> String? {
        let delivery = try await answer(test)
        return delivery.properties.headers[Header.token]?.stringValue
    }

    func token(_ key: OutboundNumber) -> String { "\(TaskMessage.sayHello(key: key).token)" }

    /// It waited for as long as its longest task took, and took no other meanwhile.
    @Test("A worker that something keeps busy goes on with what is fresh, and tries the suspect later")
    func later() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            let go = Promise<Void>()
            try await busy(test, go: go) { [self] in
                try await send(test, 3)
                #expect(try await answered(test) == token(3))
                go.set(())
                #expect(try await answered(test) == token(9))
                #expect(try await answered(test) == token(1))
            }
        }
    }

    /// It kept the others from its activity's suspects, too.
    @Test("A suspect that a busy worker cannot try is tried by another one")
    func elsewhere() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            let go = Promise<Void>()
            try await busy(test, go: go) { [self] in
                try await test.running([worker(test) { _ in }.run]) { [self] in
                    let first = try await answered(test)
                    #expect(first == token(1))
                }
                go.set(())
                #expect(try await answered(test) == token(9))
            }
        }
    }

    @Test(
        "A worker keeps others from the suspects for a minute at most while it waits, and then works for longer and longer"
    )
    func pace() {
        var pace = TrialPace(first: .seconds(30))
        for (wait, work) in [(30, 120), (60, 240), (60, 480), (60, 600), (60, 600)] {
            #expect(pace.wait == .seconds(wait))
            #expect(pace.waitedInVain() == .seconds(work))
        }
        pace.wasIdle()
        #expect(pace == TrialPace(first: .seconds(30)))
    }

    /// A second copy of one, sent again by an operator, killed eleven workers more, though its orchestration had failed.
    @Test("A suspect that no one waits for is not tried")
    func unwanted() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            try await declare(test)
            for key in [1, 2] as [OutboundNumber] { try await suspect(test, key) }
            let tried = Mutex<Set<String>>([])
            var worker = worker(test) { key in tried.withLock { _ = $0.insert(key) } }
            worker.timeouts.withdrawal = .seconds(20)
            try await test.running([worker.run]) { [self] in
                for key in [1, 2] as [OutboundNumber] {
                    let start = try await untilFound("its start", within: .seconds(40)) {
                        try await test.channel().get(test.names.inbox(zero), noAck: true)
                    }
                    #expect(start.properties.type == "ActivityStarted")
                    #expect(start.properties.headers[Header.token]?.stringValue == token(key))
                    let message = TaskMessage.sayHello(key: key)
                    let address = TaskAddress(instance: message.instance, token: message.token)
                    let unwanted = WithdrawnTask(activity: nil, address: address, reason: "nobody waits for it")
                    let word = WithdrawalEnvelope.publication(of: unwanted, names: test.names)
                    try await test.channel().publish(word.message, exchange: word.exchange, routingKey: "")
                }
                try await until("no suspect") {
                    try await test.depth(test.names.suspects(Self.activity)) == 0
                }
                try await send(test, 3)
                #expect(try await answered(test) == token(3))
            }
            #expect(tried.withLock { $0 } == ["3"])
            #expect(try await test.depth(test.names.suspects(Self.activity)) == 0)
        }
    }

    @Test("A suspect whose workers die again and again becomes its own failure, after eleven in all")
    func givenUp() async throws {
        try await LiveHub.with(partitions: 1, activities: [Self.activity]) { test in
            try await declare(test)
            try await send(test, 1)
            let queue = test.names.activity(Self.activity)
            let losses = QueueArguments.lossesOfSuspects
            try await lose(test, queue, times: losses)
            let begun = Promise<Void>()
            let worker = worker(test) { _ in
                begun.set(())
                _ = await Promise<Void>().value()
            }
            try await test.running([worker.run]) { _ = await begun.value() }
            // The worker stopped in the midst of it: one loss.
            try await lose(
                test,
                test.names.suspects(Self.activity),
                times: QueueArguments.activityDeliveryLimit - losses
            )
            try await test.running([test.forwarder().run]) {
                let delivery = try await answer(test)
                guard case .result(let result) = InboxEnvelope.read(ReceivedMessage(delivery), tag: 0).message,
                    case .failed(let failure) = result.outcome
                else {
                    Issue.record("no failure")
                    return
                }
                #expect(failure.type == "ActivityWorkerLost" && failure.message.contains("11 times"))
                #expect(failure.message.contains("'\(Self.activity)'"))
            }
        }
    }
}
