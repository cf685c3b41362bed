import RabbitMQ
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

extension CommandEnvelopeTests {
    static func stranger(_ key: String, _ headers: RabbitMQTable) -> ReceivedMessage {
        ReceivedMessage(key: key, RabbitMQProperties(headers: headers, correlationID: "a"))
    }

    static let unusable: [Unusable] = [
        Unusable("unknown kind", .invalid, "routing key 'begin.A'", ReceivedMessage(key: "begin.A")),
        Unusable("no kind", .invalid, "routing key ''", ReceivedMessage(key: "")),
        Unusable(
            "kind with a tail",
            .invalid,
            "terminate.now",
            ReceivedMessage(key: "terminate.now", RabbitMQProperties(correlationID: "a"))
        ),
        Unusable("another case", .invalid, "Start.A", ReceivedMessage(key: "Start.A")),
        Unusable("no orchestrator", .invalid, "name of an orchestrator", ReceivedMessage(key: "start")),
        Unusable("empty orchestrator", .invalid, "1 to 128 bytes", ReceivedMessage(key: "start.")),
        Unusable("long name", .invalid, "has 129", ReceivedMessage(key: "start." + String(repeating: "x", count: 129))),
        Unusable(
            "control character",
            .invalid,
            "control",
            ReceivedMessage(key: "event.a\u{7}b", RabbitMQProperties(correlationID: "a"))
        ),
        Unusable(
            "event without id",
            .invalid,
            "names no instance",
            ReceivedMessage(key: "event.A", RabbitMQProperties(messageID: "m"))
        ),
        Unusable(
            "illegal id",
            .invalid,
            "'/'",
            ReceivedMessage(key: "purge", RabbitMQProperties(correlationID: "a/b"))
        ),
        Unusable(
            "long id",
            .invalid,
            "257",
            ReceivedMessage(
                key: "purge",
                RabbitMQProperties(headers: ["reprise-instance": .string(String(repeating: "a", count: 257))])
            )
        ),
        Unusable(
            "empty id",
            .invalid,
            "empty",
            ReceivedMessage(key: "start.A", RabbitMQProperties(headers: ["reprise-instance": ""]))
        ),
        Unusable(
            "number as id",
            .invalid,
            "must be a string",
            ReceivedMessage(key: "purge", RabbitMQProperties(headers: ["reprise-instance": 7]))
        ),
        Unusable(
            "id not UTF-8",
            .invalid,
            "UTF-8",
            ReceivedMessage(key: "purge", RabbitMQProperties(headers: ["reprise-instance": .bytes([0xFF])]))
        ),
        Unusable("not JSON", .invalid, "not JSON", ReceivedMessage(key: "start.A", body: "{city: Tokyo}")),
        Unusable("half of JSON", .invalid, "not JSON", ReceivedMessage(key: "start.A", body: #"{"city":"#)),
        Unusable(
            "content type",
            .invalid,
            "text/plain",
            ReceivedMessage(key: "start.A", RabbitMQProperties(contentType: "text/plain"), body: "1")
        ),
        Unusable(
            "compressed",
            .invalid,
            "gzip",
            ReceivedMessage(key: "start.A", RabbitMQProperties(contentEncoding: "gzip"), body: "1")
        ),
        Unusable(
            "deadline",
            .invalid,
            "whole number",
            ReceivedMessage(key: "start.A", RabbitMQProperties(headers: ["reprise-deadline": "soon"]))
        ),
        Unusable(
            "another's entity",
            .invalid,
            "the routing key names the entity 'counter', the id is of 'bank'",
            ReceivedMessage(
                key: "entity.counter",
                RabbitMQProperties(headers: ["reprise-name": "get"], correlationID: "@bank@x")
            )
        ),
        Unusable("a lock", .invalid, "reprise-lock", stranger("entity.counter", ["reprise-lock": "@counter@x"])),
        Unusable("an unlock", .invalid, "reprise-unlock", stranger("entity.counter", ["reprise-unlock": true])),
        Unusable("a section", .invalid, "reprise-section", stranger("entity.counter", ["reprise-section": "x"])),
        Unusable("a caller", .invalid, "reprise-caller", stranger("start.A", ["reprise-caller": "one"])),
        Unusable("a token", .invalid, "reprise-caller-token", stranger("start.A", ["reprise-caller-token": "x"])),
        Unusable("a take-up", .invalid, "reprise-takes-up", stranger("start.A", ["reprise-takes-up": true])),
        Unusable(
            "long version",
            .invalid,
            "a version has 1 to 128 bytes",
            stranger("start.A", ["reprise-orchestrator-version": .string(String(repeating: "9", count: 129))])
        ),
        Unusable(
            "empty version",
            .invalid,
            "a version has 1 to 128 bytes",
            stranger("start.A", ["reprise-orchestrator-version": ""])
        ),
        Unusable("no such day", .invalid, "must be a time:", stranger("start.A", ["reprise-start-at": "2030-02-30"])),
        Unusable(
            "a time of no calendar",
            .invalid,
            "must be a time:",
            stranger("start.A", ["reprise-start-at": "999999999-01-01T00:00:00Z"])
        ),
        Unusable(
            "large event",
            .tooLarge,
            "may have 65536 bytes",
            stranger(
                "start.A",
                [
                    "reprise-event": "E",
                    "reprise-event-data": .string("\"" + String(repeating: "x", count: 65_535) + "\""),
                ]
            )
        ),
        Unusable(
            "too large",
            .tooLarge,
            "1048577",
            ReceivedMessage(key: "start.A", body: String(repeating: " ", count: 1_048_577))
        ),
    ]

    /// A command that must be refused, and what the refusal must say.
    struct Unusable: CustomTestStringConvertible, Sendable {
        var what: String
        var code: Rejection.Code
        var says: String
        var message: ReceivedMessage

        init(_ what: String, _ code: Rejection.Code, _ says: String, _ message: ReceivedMessage) {
            self.what = what
            self.code = code
            self.says = says
            self.message = message
        }

        var testDescription: String { what }
    }
}
