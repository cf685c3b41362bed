public import Foundation
public import RepriseKernel

/// One change of an orchestration, and how it stood with it.
public struct OrchestrationChange: Sendable, Equatable {
    /// What happened, as the status messages say it: `CustomStatusSet`, `OrchestrationStarted`, `OrchestrationCompleted`, …
    public let type: String
    public let revision: Revision
    public let time: Date
    public let runtimeStatus: RuntimeStatus

    private let customStatusPayload: Payload
    private let outputPayload: Payload

    /// What it said about itself then; nil for null.
    ///
    /// - Throws: ``RepriseClientError`` with the code `unreadablePayload` when it is no `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseClientError) -> Value? {
        customStatusPayload.isNull
            ? nil : try customStatusPayload.decoded(as: type, "the custom status at version \(revision.version)")
    }

    /// What it returned, or as text why it ended otherwise; nil for null, and for what does not end it.
    ///
    /// - Throws: ``RepriseClientError`` with the code `unreadablePayload` when it is no `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseClientError) -> Value? {
        outputPayload.isNull ? nil : try outputPayload.decoded(as: type, "the output at version \(revision.version)")
    }

    init?(_ view: JSONView) {
        guard let members = view.members, let type = members["type"]?.text,
            let incarnation = members["incarnation"]?.integer, let version = members["version"]?.integer,
            let time = members["time"]?.text.flatMap({ TimeText.parse($0, rounding: .down) }),
            let status = members["runtimeStatus"]?.text.flatMap(RuntimeStatus.init)
        else { return nil }
        self.type = type
        revision = Revision(incarnation: incarnation, version: version)
        self.time = Date(time)
        runtimeStatus = status
        customStatusPayload = members["customStatus"]?.payload ?? .null
        outputPayload = members["output"]?.payload ?? .null
    }
}

/// One answer of `/statuses`.
struct ChangePage {
    var changes: [OrchestrationChange]
    /// Whether the orchestration has ended, and these are the last.
    var isLast: Bool

    init(_ answer: GatewayAnswer) throws {
        guard let members = try answer.json().members, let list = members["changes"]?.elements,
            let status = members["runtimeStatus"]?.text.flatMap(RuntimeStatus.init)
        else { throw answer.unexpected("it is no list of changes") }
        changes = try list.map { view in
            guard let change = OrchestrationChange(view) else { throw answer.unexpected("it is no list of changes") }
            return change
        }
        isLast = status.isEnded && members["next"]?.isNull != false
    }
}
