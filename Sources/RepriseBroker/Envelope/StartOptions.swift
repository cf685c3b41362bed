import RabbitMQ
import RepriseKernel

// A start's options as headers: each may be left out.

extension RabbitMQProperties {
    func startRequest(_ orchestrator: String, input: Payload, limits: Limits) throws(Rejection) -> StartRequest {
        var request = StartRequest(orchestrator: orchestrator, input: input)
        request.version = try version()
        request.tags = try tags()
        do {
            try limits.check(tags: request.tags)
        } catch {
            throw Rejection(error.type == Failure.Kind.tooLarge ? .tooLarge : .invalid, error.message)
        }
        request.startTime = try time(Header.startTime)
        if let text = try text(Header.existing) {
            guard let existing = StartRequest.Existing(rawValue: text) else {
                let known = StartRequest.Existing.allCases.map(\.rawValue).joined(separator: ", ")
                throw Rejection(.invalid, "the header '\(Header.existing)' must be one of: \(known)")
            }
            request.existing = existing
        }
        request.event = try event()
        if let event = request.event { try limits.check(event: event) }
        request.customStatus = try json(Header.customStatus)
        request.parent = try caller()
        request.takesUp = try flag(Header.takesUp)
        return request
    }

    mutating func set(_ request: StartRequest) {
        if let version = request.version { headers[Header.orchestratorVersion] = .string(version) }
        set(tags: request.tags)
        if let time = request.startTime { headers[Header.startTime] = .int(time.milliseconds) }
        if request.existing != .replaceEnded { headers[Header.existing] = .string(request.existing.rawValue) }
        if let event = request.event {
            headers[Header.event] = .string(event.name)
            headers[Header.eventData] = .string(event.payload.text)
        }
        if let status = request.customStatus { headers[Header.customStatus] = .string(status.text) }
        if let parent = request.parent { set(caller: parent) }
        if request.takesUp { headers[Header.takesUp] = true }
    }

    private func version() throws(Rejection) -> String? {
        guard let version = try text(Header.orchestratorVersion) else { return nil }
        do {
            try RegisteredName.check(version, of: "a version")
        } catch {
            throw Rejection(.invalid, error.reason)
        }
        return version
    }

    private func event() throws(Rejection) -> StartRequest.Event? {
        guard let name = try text(Header.event) else { return nil }
        do {
            try RegisteredName.check(name, of: "the name of an event")
        } catch {
            throw Rejection(.invalid, error.reason)
        }
        return StartRequest.Event(name: name, payload: try json(Header.eventData) ?? .null)
    }

    /// A header that holds JSON; nil where there is none. An empty one is null, as an empty body is.
    private func json(_ header: String) throws(Rejection) -> Payload? {
        guard let text = try text(header) else { return nil }
        do {
            return try Payload(checking: Array(text.utf8))
        } catch {
            throw Rejection(.invalid, "the header '\(header)' is not JSON")
        }
    }

    // MARK: What statuses carry too

    func tags() throws(Rejection) -> [String: String] {
        var tags: [String: String] = [:]
        for header in headers.keys.sorted() where header.hasPrefix(Header.tagPrefix) {
            tags[String(header.dropFirst(Header.tagPrefix.count))] = try text(header) ?? ""
        }
        return tags
    }

    mutating func set(tags: [String: String]) {
        for (name, value) in tags { headers[Header.tagPrefix + name] = .string(value) }
    }

    /// A moment: milliseconds since 1970, or ISO 8601.
    func time(_ header: String) throws(Rejection) -> Timestamp? {
        let time: Timestamp?
        switch headers[header] {
        case nil, .null: return nil
        case .int(let value), .timestamp(let value): time = OutsideNumber.time(milliseconds: value)
        case .string(let text): time = OutsideNumber.time(text) ?? TimeText.parse(text, rounding: .up)
        default: time = nil
        }
        guard let time else {
            throw Rejection(.invalid, "the header '\(header)' must be a time: 2030-01-31T12:00:00Z, or milliseconds")
        }
        return time
    }

    /// Whose task waits for the result.
    func caller() throws(Rejection) -> TaskAddress? {
        guard let token = try text(Header.callerToken) else { return nil }
        guard let token = TaskToken(token) else {
            throw Rejection(.invalid, "the header '\(Header.callerToken)' is not a token of this hub")
        }
        do {
            return TaskAddress(instance: try InstanceID(try requiredText(Header.caller)), token: token)
        } catch let rejection as Rejection {
            throw rejection
        } catch {
            throw Rejection(.invalid, "the header '\(Header.caller)' is not an instance id")
        }
    }

    mutating func set(caller: TaskAddress) {
        headers[Header.caller] = .string(caller.instance.value)
        headers[Header.callerToken] = .string(caller.token.description)
    }
}
