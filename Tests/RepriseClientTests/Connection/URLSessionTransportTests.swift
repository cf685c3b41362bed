import Foundation
import RepriseClient
import RepriseKernel
import Testing

/// What the system's client does by itself when no one hinders it. Each was measured on Linux before it was hindered.
@Suite("HTTP over a real socket", .timeLimit(.minutes(1)))
struct URLSessionTransportTests {
    private func client(_ server: CannedServer, timeout: Duration = .seconds(5)) throws -> RepriseClient {
        try RepriseClient("http://127.0.0.1:\(server.port)", options: RepriseClient.Options(timeout: timeout))
    }

    private let id = InstanceID(trusted: "trip-1")

    /// A 401 with `WWW-Authenticate` left the request hanging: it was neither answered nor timed out.
    @Test func aChallengeIsAnError() async throws {
        let server = try CannedServer(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"
        )
        let error = await #expect(throws: RepriseError.self) { try await client(server).status(of: id) }
        #expect(error?.code == .forbidden && error?.httpStatus == 401)
    }

    /// A redirected POST came back as a GET, and its 200 was taken for the POST's.
    @Test func aRedirectIsNotFollowed() async throws {
        let server = try CannedServer(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )
        let error = await #expect(throws: RepriseError.self) { try await client(server).terminate(id) }
        #expect(error?.code == .unexpectedAnswer && error?.httpStatus == 302)
    }

    /// The system's limit counts from the last byte: an answer that drips would be waited for without end.
    @Test func anAnswerThatDripsIsLate() async throws {
        let server = try CannedServer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", drip: .milliseconds(100))
        let begin = ContinuousClock.now
        let error = await #expect(throws: RepriseError.self) {
            try await client(server, timeout: .seconds(1)).status(of: id)
        }
        #expect(error?.code == .unavailable)
        #expect(ContinuousClock.now - begin < .seconds(5))
    }

    @Test func cancellingEndsARequestAtOnce() async throws {
        let server = try CannedServer("")
        let client = try client(server, timeout: .seconds(60))
        let task = Task { try await client.status(of: id) }
        while server.requests.isEmpty { try await ContinuousClock().sleep(for: .milliseconds(5)) }
        let begin = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - begin < .seconds(2))
    }

    /// An answer was taken whole, however large: a wrong address could fill the memory.
    @Test(arguments: [(1_000, true), (1_001, false)])
    func anAnswerIsTakenUpToABound(size: Int, passes: Bool) async throws {
        let body = "\"" + String(repeating: "x", count: size - 2) + "\""
        let server = try CannedServer("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + body)
        let client = RepriseClient(
            try GatewayAddress("http://127.0.0.1:\(server.port)"),
            options: RepriseClient.Options(timeout: .seconds(5)),
            transport: URLSessionTransport(maximumAnswer: 1_000),
            clock: ContinuousClock(),
            draw: Randomness()
        )
        let counter = try EntityID("counter", "a")
        if passes {
            #expect(try await client.state(of: counter, as: String.self)?.count == 998)
        } else {
            let error = await #expect(throws: RepriseError.self) {
                try await client.state(of: counter, as: String.self)
            }
            #expect(error?.code == .tooLarge && error?.isRetriable == false)
            #expect(error?.message.contains("more than 1000 bytes") == true)
            #expect(server.requests.count == 1)
        }
    }

    /// Six held requests used to take all connections to the host.
    @Test func manyHeldRequestsLeaveRoomForOthers() async throws {
        let silent = try CannedServer("")
        let client = try client(silent, timeout: .seconds(60))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = try? await client.status(of: id) } }
            while silent.requests.count < 40 { try await ContinuousClock().sleep(for: .milliseconds(5)) }
            group.cancelAll()
        }
        #expect(silent.requests.count == 40)
    }

    @Test func nobodyThere() async throws {
        let client = try RepriseClient(
            "http://127.0.0.1:1",
            options: RepriseClient.Options(timeout: .milliseconds(300))
        )
        let error = await #expect(throws: RepriseError.self) { try await client.status(of: id) }
        #expect(error?.message == "The gateway at http://127.0.0.1:1 cannot be reached: nothing listens there")
    }

    @Test func aBodyIsSentAsJSON() async throws {
        let server = try CannedServer("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        try await client(server).raiseEvent("Go", ["a": 1], to: id)
        // The body may come apart from the head.
        while server.requests.joined().hasSuffix("\r\n\r\n") {
            try await ContinuousClock().sleep(for: .milliseconds(5))
        }
        let request = server.requests.joined()
        #expect(request.hasPrefix("POST /runtime/webhooks/durabletask/instances/trip-1/raiseEvent/Go HTTP/1.1\r\n"))
        #expect(request.contains("Content-Type: application/json\r\n"))
        #expect(request.hasSuffix("\r\n\r\n{\"a\":1}"))
    }
}
