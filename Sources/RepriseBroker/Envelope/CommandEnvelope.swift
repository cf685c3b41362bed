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
        try message.properties.checkStranger()
        // By scalars: a dot and a mark that belongs to the letter before it are one character, and two words all the same.
        let words = message.routingKey.unicodeScalars.split(
            separator: ".",
            maxSplits: 1,
            omittingEmptySubsequences: false
        ).map { String($0) }
        let name = words.count > 1 ? words[1] : nil
        let asked = try kind(words[0], name: name, says: "the routing key '\(message.routingKey.prefix(160))'")
        if case .entity(let name) = asked {
            return try command(asked, for: try entity(name, message.properties), message, limits: limits)
        }
        var instance = try message.properties.instance()
        if instance == nil, case .start(let orchestrator) = asked {
            instance =
                message.properties.key.map {
                    DerivedIdentity.instanceID(hub: hub, orchestrator: orchestrator, messageID: $0)
                } ?? InstanceID(trusted: randomID())
        }
        return try command(asked, for: instance, message, limits: limits)
    }

    /// The entity of a routing key `entity.<Name>`: `correlation_id` is its key, or its whole id.
    ///
    /// The routing key is what topic permissions judge, so a whole id may not name another entity.
    private static func entity(_ name: String, _ properties: Properties) throws(Rejection) -> InstanceID {
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
        guard let type = message.properties.type, kinds.contains(type) else { return nil }
        let isNamed = type == "start" || type == "event"
        let asked = try kind(
            type,
            name: isNamed
                ? try message.properties.text(Header.name) : type == "entity" ? message.properties.type : nil,
            says: "the type '\(type)'"
        )
        return try command(asked, for: try message.properties.instance(), message, limits: limits)
    }

    private enum Kind {
        case start(String)
        case event(String)
        case entity(String)
        case terminate, suspend, resume, rewind, resend, restart, purge
    }

    static let kinds: Set<String> = [
        "start", "event", "entity", "terminate", "suspend", "resume", "rewind", "resend", "restart", "purge",
    ]

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
        case ("entity", _): return .entity(try named("an entity"))
        case ("terminate", nil): return .terminate
        case ("suspend", nil): return .suspend
        case ("resume", nil): return .resume
        case ("rewind", nil): return .rewind
        case ("resend", nil): return .resend
        case ("restart", nil): return .restart
        case ("purge", nil): return .purge
        default:
            throw Rejection(
                .invalid,
                "\(`where`) is none of start.<Orchestrator>, event.<Name>, entity.<Name>, terminate, suspend, resume, "
                    + "rewind, resend, restart, purge, statuses"
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
            case .start(let name): .start(try properties.startRequest(name, input: payload, limits: limits))
            case .event(let name): .raiseEvent(name: name, payload)
            case .entity: .operate(try properties.entityRequest(input: payload))
            case .terminate:
                .terminate(
                    reason: payload,
                    children: try properties.flag(Header.children),
                    childOf: try properties.caller()
                )
            case .suspend: .suspend(reason: payload)
            case .resume: .resume(reason: payload)
            case .rewind: .rewind(reason: payload)
            case .resend: .resend
            case .restart: .restart(as: try properties.instance(in: Header.newInstance))
            case .purge:
                .purge(children: try properties.flag(Header.children), childOf: try properties.caller())
            }
        var command = Command(
            instance: instance,
            action: action,
            messageID: properties.key,
            deadline: try properties.number(Header.deadline).map { Timestamp(milliseconds: $0) },
            patience: try properties.patience(),
            isInternal: try properties.flag(Header.isInternal),
            isOrdered: try properties.flag(Header.ordered),
            // Whoever cannot be answered cannot deal with a refusal either.
            isInteractive: try properties.flag(Header.interactive) && properties.replyAddress != nil
        )
        command.asksAgain = try properties.flag(Header.asksAgain)
        command.hasPassingKey = try properties.flag(Header.passingKey)
        return command
    }

    // MARK: Writing

    /// The routing key on the command exchange.
    package static func routingKey(_ command: Command) -> String {
        switch command.action {
        case .start(let request): "start.\(request.orchestrator)"
        case .raiseEvent(let name, _): "event.\(name)"
        case .operate: "entity.\(command.instance.entity?.name ?? "")"
        default: command.action.kind
        }
    }

    /// The message for an inbox or, since the properties do no harm there, for the command exchange.
    ///
    /// On its way through the intake a command keeps its sender's whole patience: the broker counts anew in each queue.
    package static func message(for command: Command, replyTo: ReplyAddress? = nil) -> Message {
        var properties = Properties(contentType: contentType, messageID: command.messageID, type: command.action.kind)
        properties.name(command.instance)
        if let name = command.action.name { properties.headers[Header.name] = .string(name) }
        if command.isInternal { properties.headers[Header.isInternal] = true }
        if command.isOrdered { properties.headers[Header.ordered] = true }
        if command.asksAgain { properties.headers[Header.asksAgain] = true }
        if command.hasPassingKey { properties.headers[Header.passingKey] = true }
        if command.isInteractive { properties.headers[Header.interactive] = true }
        if let deadline = command.deadline { properties.headers[Header.deadline] = .int(deadline.milliseconds) }
        if let patience = command.patience { properties.expiration = String(max(1, patience.wholeMilliseconds)) }
        if let replyTo {
            properties.replyTo = replyTo.queue
            if let correlation = replyTo.correlation { properties.headers[Header.request] = .string(correlation) }
        }
        let payload = properties.set(command.action)
        return Message(properties: properties, body: payload.bytes)
    }
}

extension Properties {
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
