import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    /// What is known of an instance: from the model, or from its partition when the model may not know yet.
    func current(_ instance: InstanceID) async throws -> InstanceStatus? {
        let known = try await model.get(instance)
        var ticket: UInt64?
        switch recent.demand(for: instance) {
        case .none: if let known { return known }
        case .atLeast(let revision): if let known, Revision(known) >= revision { return known }
        case .askPartition(let drawn): ticket = drawn
        }
        let answer = try await client.status(of: instance)?.status
        if let ticket { recent.learned(instance, answer.map(Revision.init), ticket: ticket) }
        return answer
    }

    /// The same, but only once the instance has reached a version, so that a client that learned of it elsewhere can
    /// read it here.
    private func current(_ instance: InstanceID, atLeast minimum: Cursor?, _ call: Call) async throws
        -> InstanceStatus?
    {
        let known = try await current(instance)
        guard let minimum, known.map({ !minimum.isReached(by: $0) }) ?? true else { return known }
        guard let told = try await client.status(of: instance)?.status else { return nil }
        if minimum.isReached(by: told) { return told }
        let timeout = call.preferredWait?.duration ?? .seconds(5)
        let reached = try await watch(instance, upTo: timeout, lookingEvery: .seconds(1), for: call) {
            minimum.isReached(by: $0)
        }
        guard let reached else {
            throw Problem(
                .preconditionFailed,
                "The instance is at version \(told.version), not yet at \(minimum.version)"
            )
        }
        return reached
    }

    // MARK: GET /instances/{id}

    func status(of segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.noInstance(segment) }
        let query = call.target.query
        let showInput = query.bool("showInput", default: true)
        let seen = call.request.headers[values: .ifNoneMatch]
        var headers: HTTPFields = [.cacheControl: "no-cache"]
        let condition = try call.target.query.condition("until")
        if condition == nil, let wait = call.preferredWait,
            try await awaitChange(of: instance, beyond: seen, wait, call)
        {
            headers[.preferenceApplied] = wait.applied
        }
        let minimum = try call.minimumVersion
        var history: [JSONObject]?
        var progress: [JSONObject]?
        let showProgress = query.bool("showProgress", default: false)
        let status: InstanceStatus
        let showHistory = query.bool("showHistory", default: false)
        if showHistory {
            guard let answer = try await client.status(of: instance, history: true) else {
                throw Problem.noInstance(instance.value)
            }
            status = answer.status
            if status.runtimeStatus != .pending {
                let showOutput = query.bool("showHistoryOutput", default: false)
                history = HistoryPayload(showInput: showInput, showOutput: showOutput).events(answer.history)
            }
        } else {
            guard var known = try await current(instance, atLeast: minimum, call) else {
                throw Problem.noInstance(instance.value)
            }
            if let condition {
                guard let found = try await until(condition, instance, call) else {
                    throw Problem.noInstance(instance.value)
                }
                known = found.status
                headers[.untilOutcome] = found.outcome.rawValue
                headers[.preferenceApplied] = call.preferredWait?.applied
            }
            status = known
            // History and progress grow without a new revision, so an answer with them has no tag.
            if !showProgress {
                headers[.eTag] = Revision(known).tag
                if Revision(known).isNamed(in: seen) { return Response(status: .notModified, headers: headers) }
            }
        }
        if showProgress { progress = try await model.activityProgress(of: instance).map(JSONObject.init) }
        let shown = JSONObject(
            status,
            showInput: showInput,
            history: history,
            progress: progress,
            showEvents: showHistory
        )
        let body = shown.bytes
        switch status.runtimeStatus {
        case .pending, .running, .continuedAsNew, .suspended:
            headers[.location] = call.address
            headers[.retryAfter] = "5"
            return .json(.accepted, body, headers: headers)
        case .failed where query.bool("returnInternalServerErrorOnFailure", default: false):
            return .json(.internalServerError, body, headers: headers)
        case .completed, .failed, .canceled, .terminated:
            return .json(.ok, body, headers: headers)
        }
    }

    /// Holds a request that would only return what the reader knows, until the instance changes or the wait is over.
    ///
    /// A change counts as new if it is later than everything that `If-None-Match` names: a reader may have learned more
    /// through another gateway than this one knows. Without it, whatever differs from now is new; an ended instance
    /// then has nothing more.
    ///
    /// - Returns: whether it was held.
    private func awaitChange(
        of instance: InstanceID,
        beyond seen: [String],
        _ wait: PreferredWait,
        _ call: Call
    ) async throws -> Bool {
        guard let known = try await current(instance) else { return false }
        let revision = Revision(known)
        let newest = max(revision, Revision.newest(in: seen) ?? revision)
        guard newest > revision || !known.runtimeStatus.isEnded && (seen.isEmpty || revision.isNamed(in: seen)) else {
            return false
        }
        _ = try await watch(instance, upTo: wait.duration, lookingEvery: .seconds(2), for: call) {
            Revision($0) > newest
        }
        return true
    }

    // MARK: GET /instances

    func list(_ call: Call) async throws -> Response {
        let query = call.target.query
        let showInput = query.bool("showInput", default: true)
        let showWaitingFor = query.bool("showWaitingFor", default: false)
        var page = try await model.list(
            try query.filter(now: now()),
            orderedBy: try query.order(),
            after: try call.continuationToken,
            limit: showWaitingFor ? min(query.pageSize, Self.maximumAsked) : query.pageSize,
            includingInputs: showInput
        )
        if showWaitingFor { await addAwaitedEvents(to: &page.statuses) }
        let body = JSONObject.array(
            page.statuses.map { JSONObject($0, showInput: showInput, showEvents: showWaitingFor) }
        )
        return .json(.ok, body, headers: [.continuationToken: page.next?.description ?? ""])
    }

    /// Rows of a list whose partitions are asked.
    private static let maximumAsked = 100
    /// How long they may take to answer; what is not known by then is left out.
    private static let timeout = Duration.seconds(2)

    /// Asks the partitions of the running instances, all at once.
    private func addAwaitedEvents(to statuses: inout [InstanceStatus]) async {
        let running = statuses.filter { $0.runtimeStatus == .running }.map(\.instance)
        let awaited = await withTaskGroup(of: (InstanceID, [String]?).self) { group in
            for instance in running { group.addTask { (instance, await awaitedEvents(of: instance)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for index in statuses.indices { statuses[index].waitingFor = awaited[statuses[index].instance] }
    }

    private func awaitedEvents(of instance: InstanceID) async -> [String]? {
        let answer = try? await within(Self.timeout, of: clock) {
            try await client.status(of: instance)?.status.waitingFor
        }
        return answer ?? nil
    }
}
