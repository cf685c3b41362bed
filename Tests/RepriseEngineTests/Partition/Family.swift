import Foundation
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators

/// Orchestrators that call, start and signal each other: what the tests of one partition run.
enum Family {
    static let all = [
        RegisteredOrchestrator(Parent()), RegisteredOrchestrator(Grandparent()), RegisteredOrchestrator(Child()),
        RegisteredOrchestrator(Patient()), RegisteredOrchestrator(Sender()), RegisteredOrchestrator(Rounds()),
        RegisteredOrchestrator(Keeper()), RegisteredOrchestrator(Teller()), RegisteredOrchestrator(Timed()),
        RegisteredOrchestrator(Versioned()), RegisteredOrchestrator(RoundsCaller()),
        RegisteredOrchestrator(Contrary()), RegisteredOrchestrator(Watched()),
    ]
}

/// What the activities of the load take.
struct Call: Codable, Sendable {
    var call: String
    var value: Int
}

/// What a parent is told to do with its children.
struct Upbringing: Codable, Sendable {
    var children = 1
    var attempts = 1
    var fails = false
    var id: String?
    var name = "Child"
}

struct Parent: Orchestrator {
    func run(_ context: OrchestrationContext, input: Upbringing) async throws -> [String] {
        let retry = RetryPolicy(maximumAttempts: input.attempts, firstInterval: .seconds(1))
        let id = try input.id.map { try InstanceID($0) }
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<input.children {
                group.addTask {
                    let order = Order(tag: input.fails ? "fail" : "\(number)", count: number)
                    let text: String = try await context.callOrchestrator(input.name, order, id: id, retry: retry)
                    return (number, text)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

struct Grandparent: Orchestrator {
    func run(_ context: OrchestrationContext, input: Upbringing) async throws -> [String] {
        try await context.callOrchestrator(Parent.self, input)
    }
}

/// Calls one activity, and fails if it is told to.
struct Child: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        let name = input.tag == "fail" ? "Failing" : "Double"
        let value: Int = try await context.call(name, Call(call: "\(context.instanceID)", value: input.count))
        return "\(input.tag): \(value), child of \(context.parentInstanceID?.value ?? "nobody")"
    }
}

/// Waits for an event.
struct Patient: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        try await context.waitForEvent("go")
    }
}

/// Starts one orchestration, sends it what it waits for, and does not wait itself.
struct Sender: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        let id = try context.startOrchestrator("Patient", input, tags: ["from": input.tag])
        try context.sendEvent("go", "from \(context.instanceID)", to: id)
        return id.value
    }
}

/// Goes on for `count` generations, an event each if there is one, and tells in the end what it has read.
struct Rounds: Orchestrator {
    struct State: Codable, Sendable {
        var left: Int
        var read: [Int] = []
        var reads = false
        var keeps = true
    }

    func run(_ context: OrchestrationContext, input: State) async throws -> [Int] {
        var state = input
        if state.left % 10 == 0 { try context.setCustomStatus("\(state.left) left") }
        if state.reads {
            state.read.append(try await context.waitForEvent("Item"))
        } else {
            // A loser that is still open when the generation ends.
            try await withThrowingTaskGroup(of: Void.self) { [state] group in
                group.addTask {
                    let _: Int = try await context.call("Double", Call(call: "\(state.left)", value: state.left))
                }
                group.addTask { try await context.sleep(for: .milliseconds(1)) }
                try await group.next()
                group.cancelAll()
            }
        }
        guard state.left > 0 else { return state.read }
        state.left -= 1
        try context.continueAsNew(state, keepingEvents: state.keeps)
    }
}

/// Catches what continueAsNew throws, and then fails, or returns as if nothing had happened.
struct Contrary: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> Int {
        guard input.count > 0 else { return input.count }
        do {
            try context.continueAsNew(Order(tag: input.tag, count: input.count - 1))
        } catch {
            if input.tag == "fail" { throw Failure(type: "Contrary", message: "after all") }
        }
        return input.count
    }
}

struct RoundsCaller: Orchestrator {
    func run(_ context: OrchestrationContext, input: Rounds.State) async throws -> [Int] {
        try await context.callOrchestrator(Rounds.self, input)
    }
}

/// Has two accounts changed under a lock.
struct Teller: Orchestrator {
    struct Transfer: Codable, Sendable {
        var from: String
        var to: String
        var amount: Int
        var fails = false
    }

    func run(_ context: OrchestrationContext, input: Transfer) async throws -> Int {
        let from = try EntityID("Account", input.from)
        let to = try EntityID("Account", input.to)
        return try await context.withLock(on: [to, from]) {
            let balance = try await context.callEntity(from, "add", -input.amount, returning: Int.self)
            if input.fails { throw Failure(type: "Told", message: "to fail") }
            try await context.callEntity(to, "add", input.amount)
            return balance
        }
    }
}

/// Holds a lock until it is told to let go.
struct Keeper: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        try await context.withLock(on: [try EntityID("Account", "a"), try EntityID("Account", "b")]) {
            try await context.waitForEvent("go")
        }
    }
}

/// An activity that may take so long and no longer.
struct Timed: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        do {
            let value: Int = try await context.call(
                "Double",
                Call(call: input.tag, value: 1),
                scheduleToStart: .seconds(10),
                startToClose: .seconds(5)
            )
            return "\(value)"
        } catch let error as ActivityFailed {
            return error.failure.type
        }
    }
}

/// An activity that has to report how far it has got. With a count, it races against a timer of so many seconds; below
/// zero, its failure is the instance's.
struct Watched: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        let call = { @Sendable () async throws -> String in
            let value: Int = try await context.call(
                "Double",
                Call(call: input.tag, value: 1),
                retry: RetryPolicy(maximumAttempts: 2, firstInterval: .seconds(1)),
                heartbeat: .seconds(10)
            )
            return "\(value)"
        }
        if input.count < 0 { return try await call() }
        guard input.count > 0 else {
            do { return try await call() } catch let error as ActivityFailed { return error.failure.type }
        }
        let first = try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask(operation: call)
            group.addTask {
                try await context.sleep(for: .seconds(input.count))
                return "over"
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
        try await context.waitForEvent("end", as: String.self)
        return first
    }
}

struct Versioned: Orchestrator {
    func run(_ context: OrchestrationContext, input: Order) async throws -> String {
        let _: Int = try await context.call("Double", Call(call: input.tag, value: 1))
        return "\(context.version ?? "none") \(context.isVersion(atLeast: "1.10"))"
    }
}

/// A number that can be added to, asked for, and made to fail.
struct Account: Entity {
    func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
        switch operation.name {
        case "add": state = (state ?? 0) + (try operation.input(as: Int.self))
        case "get": break
        case "spoil":
            state = 1_000_000
            try operation.signalEntity(operation.entity, "add", 1)
            throw Failure(type: "Spoiled", message: "on purpose")
        case "later":
            try operation.signalEntity(operation.entity, "add", 5, at: operation.currentTime.addingTimeInterval(60))
        default: throw operation.unknown
        }
        return state ?? 0
    }
}

extension PartitionFixture {
    convenience init(family settings: PartitionSettings) throws {
        try self.init(
            settings,
            adding: Family.all,
            entities: [RegisteredEntity(Account(), limits: Limits())]
        )
    }

    convenience init(family: Void = ()) throws { try self.init(family: PartitionSettings()) }
}

extension Command {
    static func start(
        _ id: String,
        _ orchestrator: String,
        _ input: some Encodable,
        message: String? = nil,
        with change: (inout StartRequest) -> Void = { _ in }
    ) throws -> Command {
        var request = StartRequest(
            orchestrator: orchestrator,
            input: try PayloadCoding.encode(input, as: "an input")
        )
        change(&request)
        return Command(instance: try InstanceID(id), action: .start(request), messageID: message)
    }

    static func operate(
        _ entity: String,
        _ operation: String,
        _ json: String = "null",
        due: Timestamp? = nil,
        message: String? = nil
    ) throws -> Command {
        Command(
            instance: try EntityID(parsing: entity).instance,
            action: .operate(
                EntityRequest(.operation(name: operation, input: Payload(trusted: Array(json.utf8))), due: due)
            ),
            messageID: message
        )
    }
}
