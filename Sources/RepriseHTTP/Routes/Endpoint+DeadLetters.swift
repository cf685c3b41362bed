import HTTPTypes
import Hummingbird

// The messages that could not be processed. What is done with one concerns the hub, not an instance.
extension Endpoint {
    static let deadLetters: [Endpoint] = [
        look("listDeadLetters", "", "List dead letters, oldest first; none is removed.", of: ["skip", "topLetters"]) {
            try await $0.deadLetters($1)
        },
        look("getDeadLetter", "/{letterId}", "A dead letter: its headers, and its body's beginning.", of: ["letterId"])
        {
            try await $0.deadLetter($1.value("letterId"))
        },
        settle("retryDeadLetter", by: .post, "/retry", "Publish the message again where it was, and remove the letter.")
        {
            try await $0.retryDeadLetter($1.value("letterId"), $1)
        },
        settle("dropDeadLetter", by: .delete, "", "Delete a dead letter for good.") {
            try await $0.dropDeadLetter($1.value("letterId"), $1)
        },
    ]

    private static func look(
        _ id: String,
        _ path: String,
        _ summary: String,
        of parameters: [String],
        answer: @escaping @Sendable (Gateway, Call) async throws -> Response
    ) -> Endpoint {
        let found = path.isEmpty ? "DeadLetters" : "DeadLetter"
        let responses = [("200", found), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
        let about = OperationDescription(summary: summary, parameters: ofHub + parameters, responses: responses)
        return Endpoint(id, .get, EndpointPath(stringLiteral: "/dead-letters" + path), access: .read, about, answer)
    }

    private static func settle(
        _ id: String,
        by method: HTTPRequest.Method,
        _ segment: String,
        _ summary: String,
        answer: @escaping @Sendable (Gateway, Call) async throws -> Response
    ) -> Endpoint {
        let path = EndpointPath(stringLiteral: "/dead-letters/{letterId}" + segment)
        let settled = method == .delete ? [("204", "Removed")] : [("200", "RetriedLetter"), ("409", "Problem")]
        let responses = settled + refusals + [("404", "Unknown")]
        let about = OperationDescription(summary: summary, parameters: ofHub + ["letterId"], responses: responses)
        return Endpoint(id, method, path, access: .administer, about, answer)
    }
}
