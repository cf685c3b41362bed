import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

/// Following: streams of changes, and the changes so far.
extension Gateway {
    // MARK: GET /instances/{id}, as text/event-stream

    func events(of segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        let seen = call.lastEventID
        let cursor: Cursor
        if let seen {
            guard let read = Cursor(seen) else {
                throw Problem(.badRequest, "The last event's id is not one of ours: \(seen.prefix(60))")
            }
            cursor = read
        } else {
            cursor = .beginning
        }
        guard let status = try await current(instance) else { throw Problem.noInstance(instance.value) }
        // A client that has seen the end and asks again is told to stop.
        if seen != nil, status.runtimeStatus.isEnded, cursor.isReached(by: status), !cursor.isPassed(by: status) {
            return Response(status: .noContent)
        }
        let showsProgress = call.target.query.bool("showProgress", default: false)
        return stream(
            InstanceEvents(gateway: self, instance: instance, after: cursor, showingProgress: showsProgress),
            call
        )
    }

    // MARK: GET /status-stream

    func events(_ call: Call) async throws -> Response {
        let latest = try await model.streamPosition()
        let position: StreamPosition
        if let seen = call.lastEventID {
            guard let read = StreamPosition(seen, partitionCount: client.partitionCount) else {
                throw Problem(.badRequest, "The last event's id is not one of this hub's: \(seen.prefix(60))")
            }
            position = read
        } else {
            position = latest
        }
        let query = call.target.query
        let (name, prefix) = (query["name"], query["instanceIdPrefix"] ?? "")
        let condition = try query.condition("filter")
        return stream(
            HubEvents(model: model, after: position, needsInputs: condition?.asksForInputs ?? false) { change in
                (name.map { $0.isEmpty || $0 == change.status.name } ?? true)
                    && change.status.instance.value.hasPrefix(prefix)
                    && (condition.map { $0.matches(change.status, now: now()) } ?? true)
            },
            call
        )
    }

    private func stream(_ source: some EventSource, _ call: Call) -> Response {
        EventStream(source: source, reader: call.connection, heartbeat: configuration.heartbeat, clock: clock).response
    }

    // MARK: GET /instances/{id}/statuses

    func statuses(of segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        let query = call.target.query
        if let at = query["at"], !at.isEmpty { return try await status(of: instance, at: try moment(at)) }
        let text = query["after"] ?? ""
        guard let after = text.isEmpty ? .beginning : Cursor(text) else {
            throw Problem(.badRequest, "The value of 'after' is not a version")
        }
        var headers: HTTPFields = [.cacheControl: "no-cache"]
        if let wait = call.preferredWait {
            _ = try await watch(instance, upTo: wait.duration, lookingEvery: .seconds(2), for: call) { status in
                after.isPassed(by: status) || status.runtimeStatus.isEnded && after.isReached(by: status)
            }
            headers[.preferenceApplied] = wait.applied
        }
        var filling = GapFilling()
        guard
            let timeline = try await timeline(of: instance, after: after, limit: query.pageSize, filling: &filling)
        else { throw Problem.noInstance(instance.value) }
        var body = JSONObject()
        body.add("instanceId", instance.value)
        body.add("name", timeline.current.name)
        body.add("runtimeStatus", timeline.current.runtimeStatus.rawValue)
        body.add("incarnation", timeline.current.incarnation.rawValue)
        body.add("statusVersion", timeline.current.version)
        // As earlier releases call it.
        body.add("version", timeline.current.version)
        body.add("changes", timeline.changes.map { JSONObject($0) })
        if timeline.isCut, let last = timeline.changes.last {
            body.add("next", Cursor(last.status).id)
        } else {
            body.addNull("next")
        }
        return .json(.ok, body.bytes, headers: headers)
    }

    private func status(of instance: InstanceID, at moment: TimelineMoment) async throws -> Response {
        var filling = GapFilling()
        guard try await timeline(of: instance, after: .beginning, limit: 1, filling: &filling) != nil,
            let change = try await model.change(of: instance, at: moment)
        else {
            throw Problem(
                .notFound,
                "Nothing is known about an instance '\(instance)' at that moment",
                code: .unknownInstance
            )
        }
        return .json(.ok, JSONObject(change).bytes, headers: [.cacheControl: "no-cache"])
    }

    private func moment(_ text: String) throws(Problem) -> TimelineMoment {
        if let cursor = Cursor(text), cursor.incarnation == nil { return .version(cursor.version) }
        if let time = TimeText.parse(text, rounding: .down) { return .time(time) }
        throw Problem(.badRequest, "The value of 'at' is neither a version nor an ISO 8601 time")
    }
}

extension Call {
    /// Whether the client asks for an event stream rather than an answer.
    var wantsEvents: Bool {
        AcceptedTypes(request.headers[values: .accept]).prefersEvents
    }

    /// The id of the last event that the reader has seen, by the header that browsers send or, for a first
    /// connection, by `lastEventId` in the query.
    var lastEventID: String? {
        let text = request.headers[.lastEventID] ?? target.query["lastEventId"]
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
