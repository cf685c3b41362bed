package import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// A command as a message: on the command exchange its routing key is its verb, in an inbox its `type`.
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
        try message.properties.checkStranger()
        // By scalars: a dot and a mark that belongs to the letter before it are one character, and two words all the same.
        let words = message.routingKey.unicodeScalars.split(
            separator: ".",
            maxSplits: 1,
            omittingEmptySubsequences: false
        ).map { String($0) }
        let place = "the routing key '\(message.routingKey.prefix(160))'"
        guard let verb = Command.Verb(rawValue: words[0]), verb.named != nil || words.count == 1 else {
            throw Rejection(.invalid, "\(place) is none of \(routingKeys), statuses")
        }
        let name = try checkedName(words.count > 1 ? words[1] : nil, of: verb, says: place)
        let instance: InstanceID? =
            switch verb {
            case .entity: try entity(name, message.properties)
            case .start:
                try message.properties.instance()
                    ?? message.properties.key.map {
                        DerivedIdentity.instanceID(hub: hub, orchestrator: name, messageID: $0)
                    } ?? InstanceID(trusted: randomID())
            case .event, .cancel, .terminate, .suspend, .resume, .rewind, .resend, .restart, .purge:
                try message.properties.instance()
            }
        return try command(verb, name, for: instance, message, limits: limits)
    }

    /// The entity of a routing key `entity.<Name>`: `correlation_id` is its key, or its whole id.
    ///
    /// The routing key is what topic permissions judge, so a whole id may not name another entity.
    private static func entity(_ name: String, _ properties: RabbitMQProperties) throws(Rejection) -> InstanceID {
        let key = try properties.text(Header.instance) ?? properties.correlationID ?? ""
        let named: EntityID
        let whole: EntityID
        do {
            guard key.utf8.first == UInt8(ascii: "@") else { return try EntityID(name, key).instance }
            named = try EntityID(name)
            whole = try EntityID(parsing: key)
        } catch {
            throw Rejection(.invalid, error.reason)
        }
        guard whole.name == named.name else {
            throw Rejection(.invalid, "the routing key names the entity '\(named.name)', the id is of '\(whole.name)'")
        }
        return whole.instance
    }

    /// Reads a command from an inbox; `nil` when the message is of another type.
    static func readInbox(_ message: ReceivedMessage, limits: Limits) throws(Rejection) -> Command? {
        guard let verb = message.properties.type.flatMap(Command.Verb.init(rawValue:)) else { return nil }
        // An entity's name is in its id.
        let name =
            verb.named == nil || verb == .entity
            ? "" : try checkedName(try message.properties.text(Header.name), of: verb, says: "the type '\(verb)'")
        return try command(verb, name, for: try message.properties.instance(), message, limits: limits)
    }

    /// The routing keys of all commands, for people.
    private static let routingKeys = Command.Verb.allCases.map { verb in
        guard verb.named != nil else { return verb.rawValue }
        return "\(verb).<\(verb == .start ? "Orchestrator" : "Name")>"
    }.joined(separator: ", ")

    /// What a command names besides its instance; empty for those that name nothing.
    private static func checkedName(
        _ name: String?,
        of verb: Command.Verb,
        says place: String
    ) throws(Rejection) -> String {
        guard let named = verb.named else { return "" }
        let what = "the name of an \(named)"
        guard let name else { throw Rejection(.invalid, "\(place) lacks \(what)") }
        do {
            try RegisteredName.check(name, of: what)
        } catch {
            throw Rejection(.invalid, error.reason)
        }
        return name
    }

    private static func command(
        _ verb: Command.Verb,
        _ name: String,
        for instance: InstanceID?,
        _ message: ReceivedMessage,
        limits: Limits
    ) throws(Rejection) -> Command {
        let properties = message.properties
        let instance = if let instance { instance } else { try properties.requiredInstance() }
        let payload = try message.payload(limits: limits)
        let action: Command.Action =
            switch verb {
            case .start: .start(try properties.startRequest(name, input: payload, limits: limits))
            case .event: .raiseEvent(name: name, payload)
            case .entity: .operate(try properties.entityRequest(input: payload))
            case .terminate:
                .terminate(reason: payload, children: try properties.children(), childOf: try properties.caller())
            case .cancel:
                .cancel(
                    reason: payload,
                    grace: try properties.number(Header.grace).map { .milliseconds($0) },
                    children: try properties.children(),
                    childOf: try properties.caller()
                )
            case .suspend: .suspend(reason: payload)
            case .resume: .resume(reason: payload)
            case .rewind: .rewind(reason: payload)
            case .resend: .resend
            case .restart: .restart(as: try properties.instance(in: Header.newInstance))
            case .purge:
                .purge(children: try properties.children(), childOf: try properties.caller())
            }
        var command = Command(
            instance: instance,
            action: action,
            messageID: properties.key,
            deadline: try properties.number(Header.deadline).map { Timestamp(milliseconds: $0) },
            timeout: try properties.timeout(),
            isInternal: try properties.flag(Header.isInternal),
            isOrdered: try properties.flag(Header.ordered),
            // A sender that cannot be answered cannot handle a refusal either.
            isInteractive: try properties.flag(Header.interactive) && properties.replyAddress != nil
        )
        command.asksAgain = try properties.flag(Header.asksAgain)
        command.hasPassingKey = try properties.flag(Header.passingKey)
        return command
    }

    // MARK: Writing

    /// The routing key on the command exchange.
    package static func routingKey(_ command: Command) -> String {
        let verb = command.action.verb
        return switch command.action {
        case .start(let request): "\(verb).\(request.orchestrator)"
        case .raiseEvent(let name, _): "\(verb).\(name)"
        case .operate: "\(verb).\(command.instance.entity?.name ?? "")"
        case .cancel, .terminate, .suspend, .resume, .rewind, .resend, .restart, .purge: verb.rawValue
        }
    }

    /// The message for an inbox or, since the properties do no harm there, for the command exchange.
    ///
    /// On its way through the intake a command keeps its sender's whole timeout: the broker starts counting again in
    /// each queue.
    package static func message(for command: Command, replyTo: ReplyAddress? = nil) -> RabbitMQMessage {
        var properties = RabbitMQProperties(
            contentType: contentType,
            messageID: command.messageID,
            type: command.action.verb.rawValue
        )
        properties.name(command.instance)
        if let name = command.action.name { properties.headers[Header.name] = .string(name) }
        if command.isInternal { properties.headers[Header.isInternal] = true }
        if command.isOrdered { properties.headers[Header.ordered] = true }
        if command.asksAgain { properties.headers[Header.asksAgain] = true }
        if command.hasPassingKey { properties.headers[Header.passingKey] = true }
        if command.isInteractive { properties.headers[Header.interactive] = true }
        if let deadline = command.deadline { properties.headers[Header.deadline] = .int(deadline.milliseconds) }
        if let timeout = command.timeout { properties.expiration = String(max(1, timeout.wholeMilliseconds)) }
        if let replyTo {
            properties.replyTo = replyTo.queue
            if let correlation = replyTo.correlation { properties.headers[Header.request] = .string(correlation) }
        }
        let payload = properties.set(command.action)
        return RabbitMQMessage(properties: properties, body: payload.bytes)
    }
}

extension RabbitMQProperties {
    /// Puts an action's options into headers; gives what goes into the body.
    fileprivate mutating func set(_ action: Command.Action) -> Payload {
        switch action {
        case .start(let request):
            set(request)
            return request.input
        case .operate(let request):
            return set(request)
        case .terminate(let reason, let children, let parent):
            if children { headers[Header.children] = true }
            if let parent { set(caller: parent) }
            return reason
        case .cancel(let reason, let grace, let children, let parent):
            if let grace { headers[Header.grace] = .int(grace.wholeMilliseconds) }
            if children { headers[Header.children] = true }
            if let parent { set(caller: parent) }
            return reason
        case .purge(let children, let parent):
            if children { headers[Header.children] = true }
            if let parent { set(caller: parent) }
            return .null
        case .restart(let id):
            if let id { headers[Header.newInstance] = .string(id.value) }
            return .null
        case .raiseEvent(_, let payload), .suspend(let payload), .resume(let payload), .rewind(let payload):
            return payload
        case .resend: return .null
        }
    }

    /// Whether a command is for the sub-orchestrations too.
    fileprivate func children() throws(Rejection) -> Bool { try flag(Header.children) }

    /// The id that a header of its own gives.
    fileprivate func instance(in header: String) throws(Rejection) -> InstanceID? {
        guard let text = try text(header) else { return nil }
        do {
            return try InstanceID(text)
        } catch {
            throw Rejection(.invalid, "the header '\(header)': \(error.reason)")
        }
    }
}
