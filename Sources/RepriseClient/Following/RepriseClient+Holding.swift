import Reprise

extension RepriseClient {
    /// Asks once, and lets the gateway hold the answer until there is news; nil when none came this time. Then it has
    /// waited, the longer the more often that happens.
    ///
    /// - Throws: ``RepriseError`` for an answer that trying again does not change; `CancellationError`.
    func held(
        _ request: GatewayRequest,
        accepting statuses: Set<Int>,
        about subject: String,
        _ retries: inout RetrySchedule
    ) async throws -> GatewayAnswer? {
        // No gateway holds longer than that.
        let hold = min(max(1, options.longestHold.components.seconds), 3_600)
        var request = request
        request.headers["Prefer"] = "wait=\(hold)"
        var retryAfter: Duration?
        do {
            let answer = try await sendOnce(request, within: .seconds(hold + 15))
            if statuses.contains(answer.status) { return answer }
            retryAfter = answer.retryAfter
            guard RetrySchedule.mayPass(answer.status) else { throw RepriseError(answer, about: subject) }
        } catch let error as RepriseError where error.isRetriable {}
        let pause = retries.pause(elapsed: .zero, retryAfter: retryAfter, fraction: draw.fraction())
        try await clock.sleep(for: pause ?? .zero)
        return nil
    }
}
