import RabbitMQ
import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite("Status messages on the wire")
struct StatusEnvelopeTests {
    @Test("Every kind arrives as it was sent", arguments: StatusMessage.Kind.allCases)
    func roundTrip(kind: StatusMessage.Kind) throws {
        let status: StatusMessage =
            switch kind {
            case .failed:
                .make(
                    kind,
                    payload: #""T: m""#,
                    failure: Failure(type: "T", message: "m", details: "d", isNonRetriable: true)
                )
            case .scheduled, .started, .continuedAsNew:
                .make(
                    kind,
                    traits: InstanceTraits(
                        version: "2",
                        tags: ["city": "Tokyo"],
                        parent: InstanceID(checked: "two"),
                        startTime: Timestamp(milliseconds: 1_700_000_000_000)
                    )
                )
            default: .make(kind, payload: #"{"cities": ["Tokyo"]}"#)
            }
        #expect(
            try StatusEnvelope.read(
                ReceivedMessage(StatusEnvelope.publication(of: status, number: 3, names: testNames))
            ) == status
        )
    }

    /// One such message with an epoch of 2^62 made all later ones stale for the read model.
    @Test(
        "What no hub has counted to is refused (E19)",
        arguments: ["reprise-epoch", "reprise-version", "reprise-sequence", "reprise-incarnation"]
    )
    func absurdCounter(header: String) {
        for value: Int64 in [-1, 9_007_199_254_740_993, .max] {
            var publication = StatusEnvelope.publication(of: .make(.started), number: 3, names: testNames)
            publication.message.properties.headers[header] = .int(value)
            #expect(throws: Rejection.self) { try StatusEnvelope.read(ReceivedMessage(publication)) }
        }
    }

    @Test("The envelope is what subscribers in other languages are told")
    func envelope() {
        let publication = StatusEnvelope.publication(
            of: .make(.customStatusSet, payload: "false"),
            number: 3,
            names: testNames
        )
        #expect(publication.id == 3 && !publication.mandatory)
        #expect(publication.exchange == "reprise.test.status")
        #expect(publication.routingKey == "E1_HelloSequence.CustomStatusSet")
        let properties = publication.message.properties
        #expect(properties.type == "CustomStatusSet" && properties.messageID == "test.1.s5")
        #expect(properties.correlationID == "one" && properties.timestamp == 1_700_000_000)
        #expect(
            properties.headers == [
                "reprise-instance": "one", "reprise-name": "E1_HelloSequence", "reprise-incarnation": 3,
                "reprise-status-version": 2, "reprise-version": 2,
                "reprise-partition": 1, "reprise-sequence": 5, "reprise-epoch": 4, "reprise-time": 1_700_000_000_123,
                "reprise-created": 1_700_000_000_001,
            ]
        )
        #expect(publication.message.body == Array("false".utf8))
    }

    @Test(
        "A status message that lacks anything is refused",
        arguments: [
            "reprise-name", "reprise-incarnation", "reprise-version", "reprise-partition", "reprise-sequence",
            "reprise-epoch", "reprise-time", "reprise-created",
        ]
    )
    func incomplete(header: String) {
        var message = ReceivedMessage(StatusEnvelope.publication(of: .make(.started), number: 1, names: testNames))
        message.properties.headers[header] = nil
        #expect(throws: Rejection(.invalid, "the header '\(header)' is missing")) { try StatusEnvelope.read(message) }
        message.properties.headers[header] = .array([])
        #expect(throws: Rejection.self) { try StatusEnvelope.read(message) }
    }

    @Test("Other people's messages are refused", arguments: [nil, "", "Started", "start"])
    func strangers(type: String?) {
        #expect(throws: Rejection.self) {
            try StatusEnvelope.read(
                ReceivedMessage(key: "x", RabbitMQProperties(correlationID: "a", type: type), body: "1")
            )
        }
    }
}
