package import RabbitMQ
package import RepriseKernel

/// What an instance says about itself, on the status exchange.
package enum StatusEnvelope {
    package static func publication(of status: StatusMessage, number: OutboundNumber, names: HubNames)
        -> RabbitMQPublication
    {
        var properties = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            messageID: "\(names.hub).\(status.partition).s\(status.sequence)",
            timestamp: status.time.milliseconds / 1_000,
            type: status.kind.rawValue
        )
        properties.name(status.instance)
        properties.headers[Header.name] = .string(status.name)
        properties.headers[Header.incarnation] = .int(status.incarnation.rawValue)
        properties.headers[Header.statusVersion] = .int(status.version)
        properties.headers[Header.version] = .int(status.version)
        properties.headers[Header.partition] = .int(Int64(status.partition.value))
        properties.headers[Header.sequence] = .int(status.sequence.rawValue)
        properties.headers[Header.epoch] = .int(status.epoch.rawValue)
        properties.headers[Header.time] = .int(status.time.milliseconds)
        properties.headers[Header.created] = .int(status.createdTime.milliseconds)
        if let traits = status.traits { properties.set(traits) }
        return RabbitMQPublication(
            id: number.publicationID,
            exchange: names.statuses,
            routingKey: "\(status.name).\(status.kind.rawValue)",
            // There need not be any listeners: the read model can be rebuilt.
            mandatory: false,
            message: RabbitMQMessage(
                properties: properties,
                body: status.failure.map(FailureJSON.encode) ?? status.payload.bytes
            )
        )
    }

    package static func read(
        _ message: ReceivedMessage,
        limits: Limits = Limits()
    ) throws(Rejection) -> StatusMessage {
        let properties = message.properties
        guard let kind = properties.type.flatMap(StatusMessage.Kind.init) else {
            throw Rejection(.invalid, "'\(properties.type?.prefix(80) ?? "")' is not a type of status message")
        }
        let payload = try message.payload(limits: limits)
        let failure = kind == .failed ? FailureJSON.decode(payload, otherwise: kind.rawValue) : nil
        return StatusMessage(
            kind: kind,
            instance: try properties.requiredInstance(),
            name: try properties.requiredText(Header.name),
            incarnation: Incarnation(rawValue: try properties.requiredNumber(Header.incarnation)),
            version: try properties.requiredNumber(Header.version),
            partition: PartitionNumber(Int(clamping: try properties.requiredNumber(Header.partition))),
            sequence: StatusSequenceNumber(rawValue: try properties.requiredNumber(Header.sequence)),
            epoch: Epoch(rawValue: try properties.requiredNumber(Header.epoch)),
            time: Timestamp(milliseconds: try properties.requiredNumber(Header.time)),
            createdTime: Timestamp(milliseconds: try properties.requiredNumber(Header.created)),
            payload: failure.map { .string($0.description) } ?? payload,
            failure: failure,
            traits: begins.contains(kind) ? try properties.traits() : nil
        )
    }

    /// What an execution begins with travels with these.
    private static let begins: Set<StatusMessage.Kind> = [.scheduled, .started, .continuedAsNew]
}

extension RabbitMQProperties {
    fileprivate mutating func set(_ traits: InstanceTraits) {
        if let version = traits.version { headers[Header.orchestratorVersion] = .string(version) }
        set(tags: traits.tags)
        if let parent = traits.parent { headers[Header.parent] = .string(parent.value) }
        if let time = traits.startTime { headers[Header.startTime] = .int(time.milliseconds) }
    }

    fileprivate func traits() throws(Rejection) -> InstanceTraits {
        InstanceTraits(
            version: try text(Header.orchestratorVersion),
            tags: try tags(),
            parent: try text(Header.parent).map { InstanceID(trusted: $0) },
            startTime: try time(Header.startTime)
        )
    }
}
