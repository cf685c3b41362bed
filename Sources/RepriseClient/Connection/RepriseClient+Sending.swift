import Foundation
import Reprise
import RepriseKernel

extension RepriseClient {
    /// Sends a request, repeatedly while no one can answer it and there is time.
    ///
    /// Safe for commands too: the same idempotency key goes with every try.
    ///
    /// - Parameter timeout: for all attempts together.
    /// - Returns: any answer except those that may be temporary.
    func send(_ request: GatewayRequest, timeout: Duration? = nil) async throws -> GatewayAnswer {
        var request = request
        if request.method != .get { request.headers["Idempotency-Key"] = draw.key() }
        let timeout = timeout ?? options.timeout
        var persistence = RetrySchedule(timeout: timeout)
        let elapsed = clock.stopwatch()
        while true {
            try Task.checkCancellation()
            let problem: RepriseError
            var retryAfter: Duration?
            do {
                let answer = try await sendOnce(request, within: max(.zero, timeout - elapsed()))
                guard RetrySchedule.mayPass(answer.status) else { return answer }
                retryAfter = answer.retryAfter
                problem = RepriseError(answer, about: subject(request))
            } catch let error as RepriseError where error.isRetriable {
                problem = error
            }
            guard request.isRepeatable else { throw problem }
            let pause = persistence.pause(elapsed: elapsed(), retryAfter: retryAfter, fraction: draw.fraction())
            guard let pause else { throw problem }
            try await clock.sleep(for: pause)
        }
    }

    /// Sends a request once. The limit covers the whole answer: one that trickles in byte by byte is late too.
    func sendOnce(_ request: GatewayRequest, within limit: Duration) async throws -> GatewayAnswer {
        guard let url = address.url(request) else {
            throw RepriseError(.address, "There is no such address under \(address): \(subject(request))")
        }
        var headers = options.headers
        headers["Accept"] = "application/json"
        if request.body != nil { headers["Content-Type"] = "application/json" }
        headers.merge(request.headers) { $1 }
        let (complete, method, body) = (headers, request.method, request.body)
        let answer: GatewayAnswer?
        do {
            answer = try await withThrowingTaskGroup(of: GatewayAnswer?.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await transport.send(method, url, headers: complete, body: body) }
                group.addTask {
                    try await clock.sleep(for: limit)
                    return nil
                }
                return try await group.next() ?? nil
            }
        } catch let failure as TransportFailure {
            throw try error(failure, about: subject(request))
        }
        guard let answer else {
            throw RepriseError(
                .unavailable,
                "\(address) did not answer within \(limit): is the gateway running there?",
                isRetriable: true
            )
        }
        return answer
    }

    private func error(_ failure: TransportFailure, about subject: String) throws -> RepriseError {
        switch failure.kind {
        case .cancelled: throw CancellationError()
        case .challenged:
            RepriseError(
                .forbidden,
                "\(address) asks for a user name and password: pass them in the client's headers",
                httpStatus: 401,
                underlying: failure
            )
        case .tooLarge:
            RepriseError(
                .tooLarge,
                "The answer of \(address) about \(subject) is too large, \(failure.reason): ask for less at once",
                underlying: failure
            )
        case .lost:
            RepriseError(
                .unavailable,
                "The gateway at \(address) cannot be reached: \(failure.reason)",
                isRetriable: true,
                underlying: failure
            )
        }
    }

    /// What a request is about, as worded in a sentence.
    private func subject(_ request: GatewayRequest) -> String {
        guard request.path.count > 1 else { return "the hub's \(request.path.first ?? "gateway")" }
        return switch request.path[0] {
        case "orchestrators":
            request.path.count > 2 ? "instance '\(request.path[2])'" : "orchestrator '\(request.path[1])'"
        case "entities": "entity '\(request.path.dropFirst().joined(separator: "@"))'"
        default: "instance '\(request.path[1])'"
        }
    }

    /// The answer, if it is one of those that grant the request.
    func granted(_ request: GatewayRequest, timeout: Duration? = nil, by statuses: Set<Int>) async throws
        -> GatewayAnswer
    {
        let answer = try await send(request, timeout: timeout)
        guard statuses.contains(answer.status) else { throw RepriseError(answer, about: subject(request)) }
        return answer
    }
}

extension Clock<Duration> {
    /// Measures the time elapsed since this call.
    fileprivate func stopwatch() -> @Sendable () -> Swift.Duration {
        let begin = now
        return { begin.duration(to: now) }
    }
}
