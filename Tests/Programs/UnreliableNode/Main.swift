import Foundation
import Reprise
import RepriseNode

/// A node as a user might write it, mistakes included; `UNRELIABLE_NODE=corrected` is its next release, without them.
@main struct Main {
    static func main() async {
        let isCorrected = ProcessInfo.processInfo.environment["UNRELIABLE_NODE"] == "corrected"
        await Node(
            orchestrators: [
                Halving(isCorrected: isCorrected), Searching(isCorrected: isCorrected), Neighbor(), Risking(),
                Patience(), Scanning(),
            ],
            activities: [Half(), Risk(isCorrected: isCorrected), Endless(), Scan()],
            configuration: .fromEnvironment()
        ).runUntilSignalled()
    }
}

/// Divides a number by each of its inputs' halves, and has forgotten that a half may be zero.
struct Halving: Orchestrator {
    var isCorrected = false

    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        try context.setCustomStatus("halving")
        let half = try await context.call(Half.self, input)
        if isCorrected, half == 0 { return 0 }
        return 100 / half
    }
}

/// Looks for a divisor, and never ends where there is none.
struct Searching: Orchestrator {
    var isCorrected = false

    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        let half = try await context.call(Half.self, input)
        if isCorrected, half == 0 { return 0 }
        var candidate = 1
        while half == 0 || !candidate.isMultiple(of: half) { candidate = candidate % 1_000_003 + 1 }
        return candidate
    }
}

/// Minds its own business, next door.
struct Neighbor: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        var number = input
        while number > 1 {
            number = try await context.call(Half.self, number)
            try await context.sleep(for: .milliseconds(200))
        }
        return number
    }
}

struct Risking: Orchestrator {
    func run(_ context: OrchestrationContext, input: String) async throws -> String {
        try await context.call(Risk.self, input)
    }
}

struct Half: Activity {
    func run(_ context: ActivityContext, input: Int) async throws -> Int { input / 2 }
}

/// Takes the worker down with it, whenever it is given one particular task.
struct Risk: Activity {
    var isCorrected = false

    func run(_ context: ActivityContext, input: String) async throws -> String {
        if input == "deadly", !isCorrected { kill(getpid(), SIGKILL) }
        // Long enough to be at work when a neighbor dies.
        if input == "slow" { try await ContinuousClock().sleep(for: .seconds(1)) }
        return "survived"
    }
}

/// Runs an activity that never ends; the input is its timeout in seconds, 0 for none.
struct Patience: Orchestrator {
    struct Status: Codable { var waits: Bool }

    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try setStatus(Status(waits: true), in: context)
        do {
            let limit: Duration? = input > 0 ? .seconds(input) : nil
            return try await context.call(Endless.self, "\(context.instanceID)", startToClose: limit)
        } catch let error as ActivityFailed {
            return error.failure.type
        }
    }
}

/// Scans the pages of a book, whatever becomes of its workers. The input is the file in which they keep a record.
struct Scanning: Orchestrator {
    func run(_ context: OrchestrationContext, input: String) async throws -> Int {
        try await context.call(Scan.self, input)
    }
}

/// Writes down each page that it does, with its process. Half a second a page; a report after each.
struct Scan: Activity {
    static let pages = 30
    static let options = ActivityOptions(
        retry: RetryPolicy(maximumAttempts: 10, firstInterval: .milliseconds(200)),
        heartbeat: .seconds(4)
    )

    func run(_ context: ActivityContext, input: String) async throws -> Int {
        var page = try context.lastProgress(as: Int.self) ?? 0
        while page < Self.pages {
            try await ContinuousClock().sleep(for: .milliseconds(500))
            page += 1
            let record = FileHandle(forUpdatingAtPath: input)
            try record?.seekToEnd()
            try record?.write(contentsOf: Data("\(getpid()) \(page) \(context.attempt)\n".utf8))
            try record?.close()
            try context.reportProgress(page)
        }
        return page
    }
}

/// Says in a file that it has begun, and that it was canceled.
struct Endless: Activity {
    func run(_ context: ActivityContext, input: String) async throws -> String {
        let directory = URL(filePath: ProcessInfo.processInfo.environment["REPRISE_DATA"] ?? ".")
        try Data().write(to: directory.appending(path: "\(input).begun"))
        try context.reportProgress(["begun": true])
        do {
            while true { try await ContinuousClock().sleep(for: .seconds(3_600)) }
        } catch {
            try Data().write(to: directory.appending(path: "\(input).canceled"))
            throw error
        }
    }
}
