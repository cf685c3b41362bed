import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import ServiceLifecycle
import Synchronization
import Testing

@testable import RepriseBroker

@Suite("Activity workers", .live)
struct ActivityQueuesTests {
    private let zero = PartitionNumber(0)

    /// Runs every task with one closure.
    private struct Runner: ActivityRunner {
        var activityNames = ["E1_SayHello"]
        var concurrency = 4
        var body: @Sendable (ActivityTask, (Payload) -> Void) async -> TaskResult.Outcome?
        func run(_ task: ActivityTask, report: @escaping @Sendable (Payload) -> Void) async -> TaskResult.Outcome? {
            await body(task, report)
        }
    }

    private func worker(_ test: LiveHub, _ body: @escaping @Sendable (ActivityTask) async -> TaskResult.Outcome?)
        -> ActivityQueues
    {
        reporter(test) { task, _ in await body(task) }
    }

    private func reporter(
        _ test: LiveHub,
        _ body: @escaping @Sendable (ActivityTask, (Payload) -> Void) async -> TaskResult.Outcome?
    ) -> ActivityQueues {
        ActivityQueues(endpoint: test.endpoint, hub: test.hub, runner: Runner(body: body), logger: LiveHub.logger)
    }

    private func send(_ test: LiveHub, _ message: TaskMessage = .sayHello(), replyTo: String? = nil) async throws {
        var task = TaskEnvelope.publication(of: message, number: 1, epoch: 1, partition: zero, names: test.names)
        if let replyTo { task.message.properties.replyTo = replyTo }
        let channel = try await test.channel()
        try await channel.declareQueue(task.routingKey, arguments: QueueArguments.activity(names: test.names))
        // A quorum queue that is only just there refuses what comes.
        try await until("the queue to take the task") {
            (try? await channel.publish(task.message, routingKey: task.routingKey)) != nil
        }
    }

    private func result(_ test: LiveHub) async throws -> TaskResult {
        let delivery = try await test.next(test.names.inbox(zero))
        guard case .result(let result) = InboxEnvelope.read(ReceivedMessage(delivery), tag: 0).message else {
            throw Rejection(.invalid, "not a result")
        }
        return result
    }

    @Test("A task is run, answered and acked")
    func roundTrip() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let seen = Mutex<ActivityTask?>(nil)
            let worker = worker(test) { task in
                seen.withLock { $0 = task }
                return .completed(Payload(json: #""Hello Tokyo!""#))
            }
            try await gracefully(worker) {
                try await send(test)
                let result = try await result(test)
                #expect(result.token == TaskMessage.sayHello().token && result.instance.value == "one")
                #expect(result.outcome == .completed(Payload(json: #""Hello Tokyo!""#)))
                #expect(seen.withLock { $0 }?.idempotencyKey == "\(test.hub).0.7")
            }
            #expect(try await test.depth(test.names.activity("E1_SayHello")) == 0)
        }
    }

    /// A worker that reports a thousand times a second must burden no one: the first word is heard at once, then the
    /// latest now and then, and the answer comes behind all of them.
    @Test("Reports of progress are thinned out, and the latest is among them")
    func progress() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let heard = Promise<Void>()
            let worker = reporter(test) { _, report in
                for number in 1...1_000 { report(Payload(json: "\(number)")) }
                _ = await heard.value()
                return .completed(.null)
            }
            try await gracefully(worker) {
                try await send(test)
                var values: [Int] = []
                while values.last != 1_000 {
                    let delivery = try await test.next(test.names.inbox(zero))
                    #expect(!delivery.properties.persistent)
                    guard case .progress(let report) = InboxEnvelope.read(ReceivedMessage(delivery), tag: 0).message
                    else {
                        Issue.record("no report")
                        return
                    }
                    #expect(report.token == TaskMessage.sayHello().token && report.instance.value == "one")
                    values.append(Int(report.value.text) ?? 0)
                }
                #expect(values == values.sorted() && values.count <= 3, "\(values)")
                heard.set(())
                #expect(try await result(test).outcome == .completed(.null))
            }
        }
    }

    /// A worker takes the task and dies. The next one says that it begins, hears how far the first had got, and begins
    /// there; what it reports last leaves before its failure.
    @Test("A task that comes again is begun where its partition says that it was left")
    func resumed() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            var message = TaskMessage.sayHello()
            message.task.timeouts.heartbeat = .seconds(60)
            message.task.progress = Payload(json: "1")
            try await send(test, message)
            let dying = try await test.channel()
            try await until("the task") { try await dying.get(test.names.activity("E1_SayHello")) != nil }
            await dying.close()
            let worker = reporter(test) { task, report in
                for number in 3...9 { report(Payload(json: "\(number)")) }
                return .failed(Failure(type: task.progress?.text ?? "nothing", message: ""))
            }
            let resumed = ProgressReport(instance: message.instance, token: message.token, value: Payload(json: "2"))
            try await gracefully(worker) {
                #expect(try await result(test).outcome == .started)
                let answer = ProgressEnvelope.publication(of: resumed, names: test.names)
                let channel = try await test.channel()
                try await channel.publish(answer.message, exchange: answer.exchange, routingKey: answer.routingKey)
                var last: String?
                while true {
                    let delivery = try await test.next(test.names.inbox(zero))
                    switch InboxEnvelope.read(ReceivedMessage(delivery), tag: 0).message {
                    case .progress(let report): last = report.value.text
                    case .result(let result):
                        guard case .failed(let failure) = result.outcome else { continue }
                        #expect(failure.type == "2" && last == "9")
                        return
                    default: Issue.record("neither a report nor a result")
                    }
                }
            }
        }
    }

    @Test("A result over the limit fails the task; so does an input that is not JSON, without running it")
    func unfit() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let worker = worker(test) { _ in .completed(Payload(trusted: [UInt8](repeating: 0x31, count: 1_048_577))) }
            try await test.running([worker.run]) {
                try await send(test)
                guard case .failed(let large) = try await result(test).outcome else {
                    Issue.record("completed")
                    return
                }
                #expect(large.type == "PayloadTooLarge")
                try await send(test, .sayHello(key: 8, input: "{"))
                guard case .failed(let unreadable) = try await result(test).outcome else {
                    Issue.record("completed")
                    return
                }
                #expect(unreadable.type == "UnreadablePayload")
            }
        }
    }

    @Test("A stopped worker leaves its task to the next one")
    func stopped() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let begun = Promise<Void>()
            let first = worker(test) { _ in
                begun.set(())
                _ = await Promise<Void>().value()
                return nil
            }
            try await test.running([first.run]) {
                try await send(test)
                _ = await begun.value()
            }
            try await test.running([worker(test) { _ in .completed(.null) }.run]) {
                let outcome = try await result(test).outcome
                #expect(outcome == .completed(.null))
            }
        }
    }

    @Test("An answer that no queue takes waits until there is one; only then the task is acked")
    func missingInbox() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            try await test.channel().deleteQueue(test.names.inbox(zero))
            let ran = Promise<Void>()
            let worker = worker(test) { _ in
                ran.set(())
                return .completed(.null)
            }
            try await gracefully(worker) {
                try await send(test)
                _ = await ran.value()
                try await test.topology.declareInbox(zero, on: test.live.connection)
                #expect(try await result(test).outcome == .completed(.null))
            }
            #expect(try await test.depth(test.names.activity("E1_SayHello")) == 0)
        }
    }

    /// Each held one of its worker's hands forever, and was tried again and again, with a line in the log.
    @Test("Tasks whose answers no queue takes are given up; their queue is named once")
    func nowhere() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let lines = LogLines(from: .warning)
            var worker = ActivityQueues(
                endpoint: test.endpoint,
                hub: test.hub,
                runner: Runner { _, _ in .completed(.null) },
                logger: lines.logger
            )
            worker.timeouts.strangers = .milliseconds(100)
            let gone = "gone-\(test.hub)"
            try await test.running([worker.run, test.forwarder().run]) { [self] in
                for key in 1...6 {
                    try await send(test, .sayHello(key: OutboundNumber(rawValue: Int64(key))), replyTo: gone)
                }
                try await send(test, .sayHello(key: 7))
                #expect(try await result(test).token == TaskMessage.sayHello(key: 7).token)
                for _ in 1...6 {
                    let letter = try await test.next(test.names.dead)
                    #expect(letter.properties.headers[Header.replyTo]?.stringValue == gone)
                }
            }
            let said = lines.all.filter { $0.contains("'\(gone)'") && !$0.contains("came back") }
            #expect(said.count == 2, "once that it is tried, once that it is not: \(said)")
            #expect(said.last?.contains("dead letters") == true)
        }
    }

    @Test("A task that has its start announced to no queue is given up before it runs")
    func nowhereToStart() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let runs = Mutex(0)
            var worker = worker(test) { _ in
                runs.withLock { $0 += 1 }
                return .completed(.null)
            }
            worker.timeouts.strangers = .milliseconds(100)
            try await test.running([worker.run, test.forwarder().run]) { [self] in
                var message = TaskMessage.sayHello()
                message.task.timeouts.startToClose = .seconds(60)
                try await send(test, message, replyTo: "gone-\(test.hub)")
                _ = try await test.next(test.names.dead)
                #expect(runs.withLock { $0 } == 0)
            }
        }
    }

    @Test("The same task twice at once is run once, answered once, and both deliveries are acked")
    func twice() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let runs = Mutex(0)
            let go = Promise<Void>()
            let worker = worker(test) { _ in
                runs.withLock { $0 += 1 }
                _ = await go.value()
                return .completed(.null)
            }
            try await send(test)
            try await send(test)
            try await gracefully(worker) {
                try await until("both deliveries") {
                    try await test.depth(test.names.activity("E1_SayHello")) == 0
                }
                go.set(())
                _ = try await result(test)
            }
            #expect(runs.withLock { $0 } == 1)
            #expect(try await test.depth(test.names.activity("E1_SayHello")) == 0)
            #expect(try await test.depth(test.names.inbox(zero)) == 0)
        }
    }

    @Test("A task whose workers die again and again becomes its own failure")
    func workerLost() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            try await send(test)
            let queue = test.names.activity("E1_SayHello")
            for _ in 0...QueueArguments.activityDeliveryLimit {
                // A worker that takes the task and dies: the broker sees its channel go.
                let channel = try await test.channel()
                try await until("the task") { try await channel.get(queue) != nil }
                await channel.close()
            }
            try await test.running([test.forwarder().run]) {
                let result = try await result(test)
                #expect(result.token == TaskMessage.sayHello().token)
                guard case .failed(let failure) = result.outcome else {
                    Issue.record("completed")
                    return
                }
                #expect(failure.type == "ActivityWorkerLost" && failure.message.contains("11 times"))
            }
        }
    }

    @Test("A worker stops when it is told to, also while the broker is gone")
    func stopsWithoutBroker() async throws {
        let endpoint = try BrokerEndpoint(url: "amqp://127.0.0.1:1/", name: "test")
        let runner = Runner { _, _ in .completed(.null) }
        let worker = ActivityQueues(endpoint: endpoint, hub: testHub, runner: runner, logger: LiveHub.logger)
        try await gracefully(worker) { try await Task.sleep(for: .milliseconds(50)) }
    }

    @Test("A task that runs while the connection is cut is not run again, and its answer goes the new way")
    func cutConnection() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            let (relay, endpoint) = try test.relay()
            defer { relay.close() }
            let runs = Mutex(0)
            let begun = Promise<Void>()
            let go = Promise<Void>()
            let runner = Runner { _, _ in
                runs.withLock { $0 += 1 }
                begun.set(())
                _ = await go.value()
                return .completed(Payload(json: "1"))
            }
            let worker = ActivityQueues(endpoint: endpoint, hub: test.hub, runner: runner, logger: LiveHub.logger)
            try await gracefully(worker) {
                try await send(test)
                _ = await begun.value()
                relay.cut()
                let queue = test.names.activity("E1_SayHello")
                try await until("the task's return") { try await test.depth(queue) == 1 }
                try await until("the task's second delivery") { try await test.depth(queue) == 0 }
                go.set(())
                #expect(try await result(test).outcome == .completed(Payload(json: "1")))
            }
            #expect(runs.withLock { $0 } == 1)
            #expect(try await test.depth(test.names.activity("E1_SayHello")) == 0)
        }
    }

    @Test("What is not a task ends among the dead letters")
    func garbage() async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            try await test.running([worker(test) { _ in .completed(.null) }.run, test.forwarder().run]) {
                try await send(test)
                _ = try await result(test)
                try await test.channel().publish(
                    RabbitMQMessage(properties: RabbitMQProperties(messageID: "stray"), body: [1]),
                    routingKey: test.names.activity("E1_SayHello")
                )
                let letter = DeadLetterEnvelope(try await test.next(test.names.dead))
                #expect(letter.original.properties.messageID == "stray" && letter.reason.contains("E1_SayHello"))
            }
        }
    }
}
