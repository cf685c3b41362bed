public import Foundation
public import Reprise
public import RepriseKernel

/// What becomes of a start when its id is taken.
public struct ExistingInstance: Sendable, Hashable {
    let word: String

    /// An instance of the same orchestrator that has ended is replaced; any other refuses the start.
    public static let replaceEnded = ExistingInstance(word: StartRequest.Existing.replaceEnded.rawValue)
    /// Any instance refuses the start, ended or not.
    public static let refuse = ExistingInstance(word: StartRequest.Existing.refuse.rawValue)
    /// Any instance of the same orchestrator is taken for the one that was to be started; any other refuses the start.
    public static let use = ExistingInstance(word: StartRequest.Existing.use.rawValue)
}

/// An event that an orchestration finds when it begins, or that one which is there already is sent.
public struct RaisedEvent: Sendable {
    let name: String
    let payload: @Sendable () throws(RepriseClientError) -> Payload

    public init(_ name: String, _ value: some Encodable & Sendable = JSON.null) {
        self.name = name
        payload = { () throws(RepriseClientError) in try Payload.encoded(value, "the event '\(name)'") }
    }
}

extension RepriseClient {
    /// Starts an orchestration whose code this program knows, and returns its id once that is durable.
    ///
    /// - Parameters:
    ///   - id: drawn when nil.
    ///   - start: not before; at once when nil.
    ///   - tags: kept with the instance, and searchable.
    ///   - version: which version of the code it is for, for life; that of the nodes when nil.
    ///   - existing: what becomes of the start when the id is taken.
    ///   - event: raised in the same step.
    ///   - customStatus: what the instance says of itself until its code says something else.
    /// - Throws: ``RepriseClientError``, or `CancellationError`.
    @discardableResult
    public func start<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: InstanceID? = nil,
        at start: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists existing: ExistingInstance = .replaceEnded,
        raising event: RaisedEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) async throws -> InstanceID where O.Input: Encodable {
        try await self.start(
            O.name,
            input,
            id: id,
            at: start,
            tags: tags,
            version: version,
            ifExists: existing,
            raising: event,
            customStatus: customStatus
        )
    }

    /// Starts an orchestration by its orchestrator's name.
    ///
    /// See ``start(_:_:id:at:tags:version:ifExists:raising:customStatus:)-(O.Type,_,_,_,_,_,_,_,_)`` for the parameters.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable = JSON.null,
        id: InstanceID? = nil,
        at start: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists existing: ExistingInstance = .replaceEnded,
        raising event: RaisedEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) async throws -> InstanceID {
        var request = GatewayRequest(.post, "orchestrators", orchestrator)
        if let id { request.path.append(id.value) }
        request.body = try Payload.encoded(input, "the input of '\(orchestrator)'")
        if let version { request.query.append(("version", version)) }
        if let start { request.query.append(("startAt", TimeText.milliseconds(Timestamp(start)))) }
        request.query += tags.query
        if existing != .replaceEnded { request.query.append(("ifExists", existing.word)) }
        if let customStatus {
            request.query.append(("customStatus", try Payload.encoded(customStatus, "the custom status").text))
        }
        if let event {
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
