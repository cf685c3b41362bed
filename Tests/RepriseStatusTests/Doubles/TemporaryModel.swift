import Foundation
import RepriseKernel

@testable import RepriseStatus

/// A read model in a directory of its own, which goes when the test ends.
func withModel<Value>(
    partitionCount: Int = 1,
    _ body: (StatusModel) async throws -> Value
) async throws -> Value {
    try await withDirectory { directory in
        try await body(StatusModel(directory: directory, hub: try HubName("test"), partitionCount: partitionCount))
    }
}

func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("reprise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

extension StatusModel {
    /// Everything it shows, by id.
    func everything() async throws -> [InstanceID: InstanceStatus] {
        let page = try await list(limit: 100_000)
        return Dictionary(uniqueKeysWithValues: page.statuses.map { ($0.instance, $0) })
    }
}
