import Foundation
import RepriseClient
import RepriseKernel
import Synchronization
import Testing

/// Gives the answers it was given, one after another, and keeps what it was asked.
final class ScriptedGateway: Transport {
    struct Asked: Sendable {
        var method: String
        var url: String
        var headers: [String: String]
        var body: String?
    }

    private struct State {
        var answers: [Result<GatewayAnswer, TransportFailure>]
        var asked: [Asked] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Result<GatewayAnswer, TransportFailure>]) { state = Mutex(State(answers: answers)) }

    var asked: [Asked] { state.withLock { $0.asked } }

    func send(
        _ method: GatewayRequest.Method,
        _ url: URL,
        headers: [String: String],
        body: Payload?
    ) async throws(TransportFailure) -> GatewayAnswer {
        let answer = state.withLock { state in
            state.asked.append(
                Asked(method: method.rawValue, url: url.absoluteString, headers: headers, body: body?.text)
            )
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        guard let answer else { throw TransportFailure(.challenged, "the script has ended") }
        return try answer.get()
    }

    func client(
        timeout: Duration = .seconds(60),
        longestHold: Duration = .seconds(30),
        clock: LeapingClock = LeapingClock()
    ) throws -> RepriseClient {
        RepriseClient(
            try GatewayAddress("http://gateway:7071"),
            options: RepriseClient.Options(timeout: timeout, longestHold: longestHold),
            transport: self,
            clock: clock,
            draw: Randomness(key: { "key" }, fraction: { 1 })
        )
    }
}

extension Result where Success == GatewayAnswer, Failure == TransportFailure {
    static func status(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> Self {
        .success(GatewayAnswer(status: status, headers: headers, body: Array(body.utf8)))
    }

    /// The status of an instance, as the gateway tells it.
    static func instance(
        _ runtimeStatus: RuntimeStatus,
        _ customStatus: String = "null",
        output: String = "null",
        tag: String? = nil
    ) -> Self {
        .status(
            runtimeStatus.isEnded ? 200 : 202,
            """
            {"name":"Trip","instanceId":"trip-1","runtimeStatus":"\(runtimeStatus.rawValue)","input":2,\
            "customStatus":\(customStatus),"output":\(output),"createdTime":"2026-11-24T18:30:24Z",\
            "lastUpdatedTime":"2026-11-24T18:30:25Z"}
            """,
            tag.map { ["etag": "\"\($0)\"", "preference-applied": "wait=30"] } ?? [:]
        )
    }

    static var lost: Self { .failure(TransportFailure(.lost, "nothing listens there")) }
}

/// A clock on which every pause is over at once, and its time gone by; pauses that others outlast end with their task.
final class LeapingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private let time = Mutex(Duration.zero)
    /// Longer ones are limits beside some work, which is at once done in these tests.
    private let longestPause = Duration.seconds(10)
    private let pausesTaken = Mutex<[Duration]>([])

    var pauses: [Duration] { pausesTaken.withLock { $0 } }
    var now: Instant { Instant(offset: time.withLock { $0 }) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let pause = now.duration(to: deadline)
        guard pause <= longestPause else {
            try await ContinuousClock().sleep(for: .seconds(60))
            return
        }
        try Task.checkCancellation()
        time.withLock { $0 += pause }
        pausesTaken.withLock { $0.append(pause) }
    }
}
