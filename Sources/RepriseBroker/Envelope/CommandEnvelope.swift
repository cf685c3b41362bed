package import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// A command as it travels: on the command exchange its routing key says what it asks, in an inbox its `type` does.
package enum CommandEnvelope {
    static let contentType = "application/json"

    // MARK: Reading

    /// Reads a message from the command exchange.
    ///
    /// A start that names no instance gets an id derived from its `message_id`, so that it is the same instance when
    /// it is delivered again; without `message_id` too it gets `randomID()`, and may then run twice.
    package static func read(
        _ message: ReceivedMessage,
        hub: HubName,
        limits: Limits = Limits(),
        randomID: () -> String
    ) throws(Rejection) -> Command {
        let words = message.routingKey.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let name = words.count > 1 ? String(words[1]) : nil
        let asked = try kind(String(words[0]), name: name, says: "the routing key '\(message.routingKey.prefix(160))'")
        var instance = try message.properties.instance()
        if instance == nil, case .start(let orchestrator) = asked {
            instance =
                message.properties.key.map {
                    DerivedIdentity.instanceID(hub: hub, orchestrator: orchestrator, messageID: $0)
                } ?? InstanceID(trusted: randomID())
        }
        return try command(asked, for: instance, message, limits: limits)
    }

    /// Reads a command from an inbox; `nil` when the message is of another type.
    static func readInbox(_ message: ReceivedMessage, limits: Limits) throws(Rejection) -> Command? {
        guard let type = message.properties.type, kinds.contains(type) else { return nil }
        let isNamed = type == "start" || type == "event"
        let asked = try kind(
            type,
            name: isNamed ? try message.properties.text(Header.name) : nil,
            says: "the type '\(type)'"
        )
        return try command(asked, for: try message.properties.instance(), message, limits: limits)
    }

    private enum Kind {
        case start(String)
        case event(String)
        case terminate, suspend, resume, rewind, purge
    }

    static let kinds: Set<String> = ["start", "event", "terminate", "suspend", "resume", "rewind", "purge"]

    private static func kind(_ word: String, name: String?, says where: String) throws(Rejection) -> Kind {
        func named(_ what: String) throws(Rejection) -> String {
            guard let name else { throw Rejection(.invalid, "\(`where`) lacks the name of \(what)") }
            do {
                try RegisteredName.check(name, of: "the name of \(what)")
            } catch {
                throw Rejection(.invalid, error.reason)
            }
            return name
        }
        switch (word, name) {
        case ("start", _): return .start(try named("an orchestrator"))
        case ("event", _): return .event(try named("an event"))
        case ("terminate", nil): return .terminate
        case ("suspend", nil): return .suspend
        case ("resume", nil): return .resume
        case ("rewind", nil): return .rewind
        case ("purge", nil): return .purge
        default:
            throw Rejection(
                .invalid,
                "\(`where`) is none of start.<Orchestrator>, event.<Name>, terminate, suspend, resume, rewind, purge"
            )
        }
    }

    private static func command(
        _ kind: Kind,
        for instance: InstanceID?,
        _ message: ReceivedMessage,
        limits: Limits
    ) throws(Rejection) -> Command {
        let properties = message.properties
        let instance = if let instance { instance } else { try properties.requiredInstance() }
        let payload = try message.payload(limits: limits)
        let action: Command.Action =
            switch kind {
            case .start(let name): .start(orchestrator: name, input: payload)
            case .event(let name): .raiseEvent(name: name, payload)
            case .terminate: .terminate(reason: payload)
            case .suspend: .suspend(reason: payload)
            case .resume: .resume(reason: payload)
            case .rewind: .rewind(reason: payload)
            case .purge: .purge
            }
        return Command(
            instance: instance,
            action: action,
            messageID: properties.key,
            deadline: try properties.number(Header.deadline).map { Timestamp(milliseconds: $0) },
            isOrdered: try properties.flag(Header.ordered),
            // Whoever cannot be answered cannot deal with a refusal either.
            isInteractive: try properties.flag(Header.interactive) && properties.replyAddress != nil
        )
    }

    // MARK: Writing

    /// The routing key on the command exchange.
    package static func routingKey(_ action: Command.Action) -> String {
        guard let name = name(of: action) else { return action.kind }
        return "\(action.kind).\(name)"
    }

    /// The message for an inbox or, since the properties do no harm there, for the command exchange.
    package static func message(for command: Command, replyTo: ReplyAddress? = nil) -> Message {
        var properties = Properties(contentType: contentType, messageID: command.messageID, type: command.action.kind)
        properties.name(command.instance)
        if let name = name(of: command.action) { properties.headers[Header.name] = .string(name) }
        if command.isOrdered { properties.headers[Header.ordered] = true }
        if command.isInteractive { properties.headers[Header.interactive] = true }
        if let deadline = command.deadline { properties.headers[Header.deadline] = .int(deadline.milliseconds) }
        if let replyTo {
            properties.replyTo = replyTo.queue
            if let correlation = replyTo.correlation { properties.headers[Header.request] = .string(correlation) }
        }
        return Message(properties: properties, body: payload(of: command.action).bytes)
    }

    private static func name(of action: Command.Action) -> String? {
        switch action {
        case .start(let name, _), .raiseEvent(let name, _): name
        case .terminate, .suspend, .resume, .rewind, .purge: nil
        }
    }

    private static func payload(of action: Command.Action) -> Payload {
        switch action {
        case .start(_, let payload), .raiseEvent(_, let payload), .terminate(let payload), .suspend(let payload),
            .resume(let payload), .rewind(let payload):
            payload
        case .purge: .null
        }
    }
}
