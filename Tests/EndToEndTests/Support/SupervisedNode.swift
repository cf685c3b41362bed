import Foundation
import Synchronization

/// The unreliable node under a supervisor: whenever it dies it is started again at once.
final class SupervisedNode: Sendable {
    private let hub: DeployedHub
    private let roles: String
    private let environment: [String: String]
    private let state = Mutex<[Int32]>([])
    let log: URL

    init(
        _ hub: DeployedHub,
        _ name: String? = nil,
        roles: String = "orchestrations,activities",
        environment: [String: String] = [:]
    ) {
        self.hub = hub
        self.roles = roles
        self.environment = environment
        log = hub.directory.appending(path: "unreliable-\(name ?? roles).log")
    }

    /// How it died so far: exit codes, or 128 and the signal.
    var deaths: [Int32] { state.withLock { $0 } }

    /// Runs `body` while the node lives and dies; stops it afterwards.
    func whileRunning<Result: Sendable>(_ body: @Sendable @escaping () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await self.supervise()
                return nil
            }
            group.addTask(operation: body)
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                try await group.waitForAll()
                return result
            }
            throw CancellationError()
        }
    }

    private func supervise() async throws {
        var environment = hub.environment.merging(environment) { $1 }
        environment["REPRISE_ROLES"] = roles
        // One partition, so that everyone is everyone's neighbor.
        environment["REPRISE_PARTITIONS"] = "1"
        while !Task.isCancelled {
            let program = try await RunningProgram.launch("unreliable-node", environment: environment, log: log)
            let code = await withTaskCancellationHandler {
                await program.end()
            } onCancel: {
                program.tellToEnd(SIGTERM)
            }
            if !Task.isCancelled { state.withLock { $0.append(code) } }
        }
    }
}
