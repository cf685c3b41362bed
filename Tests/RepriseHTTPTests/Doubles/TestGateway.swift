import Foundation
import HTTPTypes
import Hummingbird
import Logging
import RepriseEngine
import RepriseKernel
import RepriseStatus
import ServiceLifecycle
import Testing

@testable import RepriseHTTP

/// A gateway over a fake hub and a real read model.
struct TestGateway: Sendable {
    let hub: FakeHub
    let model: StatusModel
    let port: Int

    static let base = "/runtime/webhooks/durabletask"

    func call(
        _ method: HTTPRequest.Method,
        _ uri: String,
        headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> Reply {
        try await call(method, uri, headers: headers, bytes: body.map { Array($0.utf8) })
    }

    func call(
        _ method: HTTPRequest.Method,
        _ uri: String,
        headers: HTTPFields = [:],
        bytes: [UInt8]?
    ) async throws -> Reply {
        let path = uri.hasPrefix("~") ? Self.base + uri.dropFirst() : uri
        let reply = try await HTTPExchange.reply(
            from: port,
            to: HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers),
            body: bytes
        )
        // What every client relies on: a body is empty or JSON, and says so. An error is never without a word.
        #expect(reply.status < 400 || method == .head || !reply.body.isEmpty, "\(method) \(uri): \(reply.status)")
        if !reply.body.isEmpty, !uri.hasPrefix("/assets/"), reply.headers[.contentType]?.hasPrefix("text/html") != true
        {
            #expect(reply.headers[.contentType] == "application/json; charset=utf-8", "\(method) \(uri)")
            #expect(throws: Never.self, "\(method) \(uri)") { try Payload(checking: Array(reply.body.utf8)) }
        }
        return reply
    }

    /// Lets the model know of an instance, as the projector would.
    func project(_ status: InstanceStatus) async throws {
        var messages: [StatusMessage] = []
        if status.instance.isEntity {
            messages.append(status.message(.entityChanged, version: 1, payload: status.customStatus))
        } else {
            var begun = status.message(
                status.runtimeStatus == .pending ? .scheduled : .started,
                version: 1,
                payload: status.input
            )
            begun.traits = status.traits
            messages.append(begun)
            if !status.customStatus.isNull {
                messages.append(status.message(.customStatusSet, version: 2, payload: status.customStatus))
            }
        }
        switch status.runtimeStatus {
        case .completed: messages.append(status.message(.completed, version: 3, payload: status.output))
        case .failed:
            var message = status.message(.failed, version: 3)
            message.failure = status.failure
            messages.append(message)
        case .terminated: messages.append(status.message(.terminated, version: 3, payload: status.output))
        case .canceled: messages.append(status.message(.canceled, version: 3, payload: status.output))
        case .suspended: messages.append(status.message(.suspended, version: 3))
        case .running, .continuedAsNew, .pending: break
        }
        // Gaps do not matter here: what is above them is applied at once.
        let applied = try await model.appliedPositions()[status.partition.value].known
        for index in messages.indices { messages[index].sequence = applied.advanced(by: 2 + Int64(index)) }
        _ = try await model.apply(messages)
    }

    /// Lets both know.
    func settle(_ status: InstanceStatus) async throws {
        hub.put(status)
        try await project(status)
    }
}

struct Reply {
    var status: Int
    var headers: HTTPFields
    var body: String

    /// The value of a message-only error.
    var message: String? {
        guard body.hasPrefix(#"{"Message":""#) else { return nil }
        return String(body.dropFirst(#"{"Message":""#.count).prefix { $0 != "\"" })
    }

    /// The status of a reply that says why.
    var problemStatus: Int? { message == nil ? nil : status }

    /// The status of a reply that says nothing else.
    var emptyStatus: Int? { body.isEmpty && headers[.contentType] == nil ? status : nil }
}

extension InstanceStatus {
    fileprivate func message(
        _ kind: StatusMessage.Kind,
        version: Int64,
        payload: Payload = .null
    ) -> StatusMessage {
        StatusMessage(
            kind: kind,
            instance: instance,
            name: name,
            incarnation: incarnation,
            version: version,
            partition: partition,
            sequence: 0,
            epoch: 1,
            time: version == 1 ? createdTime : lastUpdatedTime,
            createdTime: createdTime,
            payload: payload
        )
    }
}

/// A gateway that listens, for as long as `body` takes.
func withGateway(
    _ configuration: HTTPConfiguration = HTTPConfiguration(host: "127.0.0.1", port: 0),
    searchLimits: SearchLimits = SearchLimits(),
    middleware: [any GatewayMiddleware] = [],
    _ body: @Sendable (TestGateway) async throws -> Void
) async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("reprise-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let hub = FakeHub()
    let model = try StatusModel(
        directory: directory,
        hub: hub.hub,
        partitionCount: hub.partitionCount,
        searchLimits: searchLimits
    )
    let (ports, running) = AsyncStream.makeStream(of: Int.self)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let application = makeApplication(
        configuration: configuration,
        client: hub,
        model: model,
        cluster: hub,
        deadLetters: hub.letters,
        middleware: middleware,
        logger: logger,
        onServerRunning: { running.yield($0) }
    )
    let services = ServiceGroup(configuration: .init(services: [application], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { running.finish() }
            try await services.run()
        }
        let port = try #require(await ports.first { _ in true })
        try await body(TestGateway(hub: hub, model: model, port: port))
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}
