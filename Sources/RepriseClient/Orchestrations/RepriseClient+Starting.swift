import Foundation
public import Reprise
public import RepriseKernel

extension RepriseClient {
    /// Starts an orchestration by its orchestrator's name, and returns its id once that is durable.
    ///
    /// - Throws: ``RepriseError``, or `CancellationError`.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable,
        id: InstanceID?,
        options: StartOptions
    ) async throws -> InstanceID {
        var request = GatewayRequest(.post, "orchestrators", orchestrator)
        if let id { request.path.append(id.value) }
        request.body = try Payload.encoded(input, "the input of '\(orchestrator)'")
        if let version = options.version { request.query.append(("version", version)) }
        if let time = options.time {
            request.query.append(("startAt", TimeText.milliseconds(Timestamp(rounding: time))))
        }
        request.query += options.tags.query
        if options.existing != .replaceEnded {
            request.query.append(("ifExists", options.existing.existing.rawValue))
        }
        if let customStatus = options.customStatus {
            request.query.append(("customStatus", try Payload.encoded(customStatus, "the custom status").text))
        }
        if let event = options.event {
            request.query.append(("raiseEvent", event.name))
            var both = JSONObject()
            both.add("input", request.body ?? .null)
            both.add("event", try event.payload())
            request.body = Payload(trusted: both.bytes)
        }
        return try Self.accepted(try await granted(request, by: [202]))
    }

    /// The instance that an accepted start or restart names.
    static func accepted(_ answer: GatewayAnswer) throws -> InstanceID {
        guard let id = try answer.json().members?["id"]?.text, let instance = try? InstanceID(id) else {
            throw answer.unexpected("it names no instance")
        }
        return instance
    }
}
