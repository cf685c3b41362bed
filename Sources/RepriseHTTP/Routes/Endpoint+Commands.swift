import HTTPTypes
import Hummingbird
import RepriseKernel

// What begins an instance, and what is done to one.
extension Endpoint {
    static let starts: [Endpoint] = [
        start("startOrchestration", "~/orchestrators/{name}", "Start an orchestration under a generated id.", []),
        start(
            "startOrchestrationWithID",
            "~/orchestrators/{name}/{instanceId}",
            "Start an orchestration under an id of your own.",
            ["instanceId"]
        ),
    ]

    static let commands: [Endpoint] = [
        Endpoint(
            "raiseEvent",
            .post,
            "~/instances/{instanceId}/raiseEvent/{eventName}",
            access: .raise,
            OperationDescription(
                summary: "Raise an external event.",
                parameters: ofHub + ["instanceId", "eventName", "idempotencyKey"],
                body: "Event",
                responses: [("202", "Raised")] + refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"), ("429", "TooMany"),
                ]
            )
        ) { gateway, call in
            try await gateway.raise(call.value("eventName"), to: call.value("instanceId"), call)
        },
        order("cancelInstance", "cancel", "Tell an instance to clean up and end.", ["gracePeriod", "recursive"]) {
            call throws(Problem) in
            .cancel(reason: call.reason, grace: try call.gracePeriod, children: call.isRecursive)
        },
        order("terminateInstance", "terminate", "End an instance as Terminated.", ["recursive"]) { call in
            .terminate(reason: call.reason, children: call.isRecursive)
        },
        order("suspendInstance", "suspend", "Suspend an instance.") { .suspend(reason: $0.reason) },
        order("resumeInstance", "resume", "Resume a suspended instance.") { .resume(reason: $0.reason) },
        order("rewindInstance", "rewind", "Rewind a failed instance.", responses: [("412", "Problem")]) {
            .rewind(reason: $0.reason)
        },
        Endpoint(
            "resendInstance",
            .post,
            "~/instances/{instanceId}/resend",
            access: .manage,
            OperationDescription(
                summary: "Send again what an instance waits for, in case the broker has lost it.",
                parameters: ofHub + ["instanceId", "idempotencyKey"],
                responses: [("202", "Accepted")] + refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"),
                ]
            )
        ) { gateway, call in
            try await gateway.order(.resend, call.value("instanceId"), call)
        },
        Endpoint(
            "restartInstance",
            .post,
            "~/instances/{instanceId}/restart",
            access: .manage,
            OperationDescription(
                summary: "Restart an instance with the same input, under a new id or its own.",
                parameters: ofHub + [
                    "instanceId", "restartWithNewInstanceId", "newInstanceId", "timeout", "pollingInterval",
                    "returnInternalServerErrorOnFailure", "idempotencyKey",
                ],
                responses: started + refusals
            )
        ) { gateway, call in
            try await gateway.restart(call.value("instanceId"), call)
        },
    ]

    private static func start(
        _ id: String,
        _ path: EndpointPath,
        _ summary: String,
        _ parameters: [String]
    ) -> Endpoint {
        Endpoint(
            id,
            .post,
            path,
            access: .start,
            OperationDescription(
                summary: summary,
                parameters: ofHub + ["orchestratorName"] + parameters + [
                    "timeout", "pollingInterval", "returnInternalServerErrorOnFailure", "version", "startAt", "tag",
                    "ifExists", "startEvent", "customStatus", "idempotencyKey",
                ],
                body: "Input",
                responses: started + refusals
            )
        ) { gateway, call in
            try await gateway.start(call.value("name"), call.path["instanceId"], call)
        }
    }

    private static func order(
        _ id: String,
        _ verb: String,
        _ summary: String,
        _ parameters: [String] = [],
        responses: [(String, String)] = [],
        _ action: @escaping @Sendable (Call) throws(Problem) -> Command.Action
    ) -> Endpoint {
        Endpoint(
            id,
            .post,
            EndpointPath(stringLiteral: "~/instances/{instanceId}/\(verb)"),
            access: .manage,
            OperationDescription(
                summary: summary,
                parameters: ofHub + ["instanceId", "reason"] + parameters + ["idempotencyKey"],
                responses: [("202", "Accepted")] + refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"),
                ] + responses
            )
        ) { gateway, call in
            try await gateway.order(try action(call), call.value("instanceId"), call)
        }
    }
}
