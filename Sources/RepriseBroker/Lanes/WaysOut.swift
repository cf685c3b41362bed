import Logging
import RabbitMQ

/// A node's connections for publishing to queues created by others, and what it knows about those.
struct WaysOut: Sendable {
    let answers = AnswerLine()
    let tasks = PublishingLine()
    let statuses = PublishingLine()
    let silent: SilentDestinations

    init(logger: Logger) { silent = SilentDestinations(logger: logger) }

    /// Keeps the connections open until the task is canceled.
    func run(at endpoint: BrokerEndpoint, logger: Logger) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await answers.run(at: endpoint, for: "answers", logger: logger) }
            group.addTask { try await tasks.run(at: endpoint, for: "tasks", logger: logger) }
            group.addTask { try await statuses.run(at: endpoint, for: "status messages", logger: logger) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
