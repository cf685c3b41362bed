import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// Two hundred hello sequences, and what must be true of them whatever was killed.
enum Hello {
    static let count = 200
    static let output = #"["Hello Tokyo!","Hello Seattle!","Hello London!"]"#

    static func start(_ prefix: String, _ client: BrokerHubClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let id = "\(prefix)-\(number)"
                    let answer = try await client.startPatiently("E1_HelloSequence", id: id)
                    #expect(answer == .accepted(try InstanceID(id)))
                }
            }
            try await group.waitForAll()
        }
    }

    /// All complete once, with the right output, three completions in each history, and no version missing.
    static func check(_ prefix: String, _ hub: DeployedHub, _ client: BrokerHubClient) async throws {
        try await until("all \(count) of \(prefix) complete", within: .seconds(90)) {
            hub.observer.instances(prefix + "-").values.count { $0.end != nil } == count
        }
        for (id, heard) in hub.observer.instances(prefix + "-") {
            #expect(heard.end?.kind == .completed, "\(id)")
            #expect(heard.end?.payload.text == output, "\(id)")
            #expect(heard.ends.count == 1, "\(id): \(heard.ends)")
            #expect(heard.versions == Set(1...5), "\(id): versions \(heard.versions.sorted())")
            #expect(
                heard.statuses.sorted { $0.key < $1.key }.map(\.value.text) == [
                    "\"Tokyo\"", "\"Seattle\"", "\"London\"",
                ],
                "\(id)"
            )
        }
        try await checkHistories(prefix, client)
    }

    /// How many of them the partitions know as completed with the right output.
    static func completed(_ prefix: String, _ client: BrokerHubClient) async throws -> Int {
        var completed = 0
        for number in 0..<count {
            let known = try await client.status(of: try InstanceID("\(prefix)-\(number)"))?.status
            if known?.runtimeStatus == .completed, known?.output.text == output { completed += 1 }
        }
        return completed
    }

    private static func checkHistories(_ prefix: String, _ client: BrokerHubClient) async throws {
        for number in 0..<count {
            let id = try InstanceID("\(prefix)-\(number)")
            let (status, history) = try #require(try await client.status(of: id, history: true))
            #expect(status.runtimeStatus == .completed)
            let completed = history.compactMap { record -> TaskID? in
                if case .taskCompleted(let task, _) = record.event { task } else { nil }
            }
            #expect(completed.sorted() == [TaskID(1), TaskID(2), TaskID(3)], "\(id): \(completed)")
        }
    }
}
