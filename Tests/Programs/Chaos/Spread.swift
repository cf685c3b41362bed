import Reprise

/// Many activities at once, and the sum of what they gave.
struct Spread: Orchestrator {
    struct Input: Codable, Sendable {
        var width: Int
        var value: Int
        var milliseconds: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for branch in 0..<input.width {
                group.addTask {
                    try await context.call(
                        Work.self,
                        Work.Input(
                            step: "branch-\(branch)",
                            value: input.value + branch,
                            milliseconds: input.milliseconds
                        )
                    )
                }
            }
            var sum = 0
            var done = 0
            while let result = try await group.next() {
                sum += result
                done += 1
                try context.report(done)
            }
            return sum
        }
    }
}
