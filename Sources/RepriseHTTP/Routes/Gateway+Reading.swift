import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    /// What is known of an instance: from the model, or from its partition where the model may not know yet.
    func current(_ instance: InstanceID) async throws -> InstanceStatus? {
        let known = try await model.get(instance)
        switch recent.demand(for: instance) {
        case .none: if let known { return known }
        case .atLeast(let incarnation): if let known, known.incarnation >= incarnation { return known }
        case .askPartition: break
        }
        let answer = try await client.status(of: instance)?.status
        recent.learned(instance, incarnation: answer?.incarnation)
        return answer
    }

    // MARK: GET /instances/{id}

    func status(of segment: String, _ call: Call) async throws -> Response {
        guard let instance = try? InstanceID(segment) else { throw Problem.notFound }
        let query = call.target.query
        let showInput = query.bool("showInput", default: true)
        var history: [JSONObject]?
        let status: InstanceStatus
        if query.bool("showHistory", default: false) {
            guard let answer = try await client.status(of: instance, history: true) else { throw Problem.notFound }
            status = answer.status
            if status.runtimeStatus != .pending {
                let showOutput = query.bool("showHistoryOutput", default: false)
                history = HistoryPayload(showInput: showInput, showOutput: showOutput).events(answer.history)
            }
        } else {
            guard let known = try await current(instance) else { throw Problem.notFound }
            status = known
        }
        let body = JSONObject(status, showInput: showInput, history: history).bytes
        switch status.runtimeStatus {
        case .pending, .running, .continuedAsNew, .suspended:
            return .json(.accepted, body, headers: [.location: call.address, .retryAfter: "5"])
        case .failed where query.bool("returnInternalServerErrorOnFailure", default: false):
            return .json(.internalServerError, body)
        case .completed, .failed, .canceled, .terminated:
            return .json(.ok, body)
        }
    }

    // MARK: GET /instances

    func list(_ call: Call) async throws -> Response {
        let query = call.target.query
        var token: ContinuationToken?
        if let text = call.request.headers[.continuationToken], !text.isEmpty {
            token = ContinuationToken(text)
            if token == nil { throw Problem(.badRequest, "The continuation token is not one of ours") }
        }
        // A page may be shorter than asked for: the token says whether there is more.
        let top = query["top"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 100
        let showInput = query.bool("showInput", default: true)
        let page = try await model.list(
            try query.filter(),
            after: token,
            limit: min(top, 1000),
            includingInputs: showInput
        )
        let body = JSONObject.array(page.statuses.map { JSONObject($0, showInput: showInput) })
        return .json(.ok, body, headers: [.continuationToken: page.next?.description ?? ""])
    }
}
