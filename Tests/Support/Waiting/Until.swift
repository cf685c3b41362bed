package import Testing

/// Asks again until the answer is yes; throws ``NeverHappened`` when it never is.
package func until(
    _ what: String,
    within limit: Duration = .seconds(30),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    _ = try await untilFound(what, within: limit, sourceLocation: sourceLocation) {
        try await condition() ? true : nil
    }
}

/// Asks again until there is an answer, and gives it; throws ``NeverHappened`` when there never is one.
package func untilFound<Value>(
    _ what: String,
    within limit: Duration = .seconds(30),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ question: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + limit
    // A question that is never answered ends in the test's time limit, which would not say which it was.
    let watch = Task {
        try await clock.sleep(for: limit + .seconds(30))
        Issue.record("nobody answers: \(what)", sourceLocation: sourceLocation)
    }
    defer { watch.cancel() }
    while true {
        if let value = try await question() { return value }
        guard clock.now < end else { throw NeverHappened(what: what, limit: limit, place: sourceLocation) }
        try await clock.sleep(for: .milliseconds(5))
    }
}

package struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    let limit: Duration
    let place: SourceLocation

    package var description: String { "\(place): it did not happen within \(limit): \(what)" }
}
