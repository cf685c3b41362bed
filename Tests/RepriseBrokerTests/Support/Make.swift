import RabbitMQ
import RepriseEngine
import RepriseKernel

@testable import RepriseBroker

// Values that tests start from, so that each test names only what it is about.

let testHub = HubName(checked: "test")
let testNames = HubNames(testHub)

extension HubName {
    init(checked text: String) {
        guard let name = try? HubName(text) else { preconditionFailure("'\(text)' is not a hub's name") }
        self = name
    }
}

extension InstanceID {
    init(checked text: String) {
        guard let instance = try? InstanceID(text) else { preconditionFailure("'\(text)' is not an instance id") }
        self = instance
    }
}

extension Payload {
    init(json: String) { self.init(trusted: Array(json.utf8)) }
}

extension ReceivedMessage {
    /// A message as it arrives from the command exchange.
    init(key: String, _ properties: RabbitMQProperties = RabbitMQProperties(), body: String = "") {
        self.init(
            exchange: testNames.commands,
            routingKey: key,
            properties: properties,
            body: .bytes(Array(body.utf8))
        )
    }

    /// A message as it arrives after it was published.
    init(_ publication: RabbitMQPublication) {
        self.init(
            exchange: publication.exchange,
            routingKey: publication.routingKey,
            properties: publication.message.properties,
            body: .bytes(publication.message.body)
        )
    }

    init(inbox partition: Int = 0, _ message: RabbitMQMessage) {
        self.init(RabbitMQPublication(id: 0, routingKey: testNames.inbox(PartitionNumber(partition)), message: message))
    }
}

extension RabbitMQDelivery {
    init(_ publication: RabbitMQPublication, tag: UInt64 = 1) {
        self.init(
            tag: tag,
            consumerTag: "",
            redelivered: false,
            exchange: publication.exchange,
            routingKey: publication.routingKey,
            properties: publication.message.properties,
            body: .bytes(publication.message.body)
        )
    }
}

extension TaskMessage {
    static func sayHello(
        instance: String = "one",
        key: OutboundNumber = 7,
        attempt: Int = 1,
        input: String = #""Tokyo""#
    )
        -> TaskMessage
    {
        TaskMessage(
            instance: InstanceID(checked: instance),
            incarnation: 3,
            task: ScheduledTask(
                id: TaskID(1),
                name: "E1_SayHello",
                input: Payload(json: input),
                attempt: attempt,
                key: TaskKey(key, life: 0),
                secret: TaskSecret(high: 0x0123_4567_89AB_CDEF, low: UInt64(bitPattern: key.rawValue))
            )
        )
    }
}

extension StatusMessage {
    static func make(
        _ kind: Kind,
        instance: String = "one",
        sequence: StatusSequenceNumber = 5,
        payload: String = "null",
        failure: Failure? = nil,
        traits: InstanceTraits? = nil
    ) -> StatusMessage {
        StatusMessage(
            kind: kind,
            instance: InstanceID(checked: instance),
            name: "E1_HelloSequence",
            incarnation: 3,
            version: 2,
            partition: PartitionNumber(1),
            sequence: sequence,
            epoch: 4,
            time: Timestamp(milliseconds: 1_700_000_000_123),
            createdTime: Timestamp(milliseconds: 1_700_000_000_001),
            payload: Payload(json: payload),
            failure: failure,
            traits: traits
        )
    }
}

extension ProgressMessage {
    static func make(_ value: Payload?) -> ProgressMessage {
        ProgressMessage(
            instance: InstanceID(checked: "one"),
            name: "E1_HelloSequence",
            incarnation: 3,
            partition: PartitionNumber(0),
            epoch: 4,
            activity: "E1_SayHello",
            task: TaskID(2),
            attempt: 1,
            time: Timestamp(milliseconds: 1_700_000_000_123),
            value: value
        )
    }
}

extension InstanceStatus {
    static func make(_ instance: String = "one", failure: Failure? = nil) -> InstanceStatus {
        InstanceStatus(
            instance: InstanceID(checked: instance),
            name: "E1_HelloSequence",
            incarnation: 3,
            version: 9,
            runtimeStatus: failure == nil ? .completed : .failed,
            input: .null,
            customStatus: Payload(json: #"{"city":"Tokyo"}"#),
            output: Payload(json: #"["Hello Tokyo!"]"#),
            failure: failure,
            createdTime: Timestamp(milliseconds: 1),
            lastUpdatedTime: Timestamp(milliseconds: 2),
            partition: PartitionNumber(1),
            sequence: 77
        )
    }
}
