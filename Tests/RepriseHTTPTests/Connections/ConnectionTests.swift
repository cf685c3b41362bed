import HTTPTypes
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

/// What clients do to a connection, well or badly; each test speaks to a real server, byte by byte.
@Suite struct ConnectionTests {
    private func withServer<Value>(
        _ setting: WritableKeyPath<HTTPConfiguration, Value>,
        _ value: Value,
        _ body: @escaping @Sendable (TestGateway, Int) async throws -> Void
    ) async throws {
        var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
        configuration[keyPath: setting] = value
        try await withServer(configuration, body)
    }

    private func withServer(
        _ configuration: HTTPConfiguration = HTTPConfiguration(host: "127.0.0.1", port: 0),
        _ body: @escaping @Sendable (TestGateway, Int) async throws -> Void
    ) async throws {
        try await withGateway(configuration) { gateway async throws in
            let port = gateway.port
            try await body(gateway, port)
            // Whatever was done to it, it still answers.
            let last = try await RawConnection(port: port)
            try await last.send("GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try await last.received().hasPrefix("HTTP/1.1 200"))
        }
    }

    private static let start = "POST /runtime/webhooks/durabletask/orchestrators/Hello HTTP/1.1\r\nHost: h\r\n"

    @Test func aConnectionServesOneRequestAfterTheOther() async throws {
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            for number in 1...3 {
                try await connection.send(Self.start + "Content-Length: 1\r\n\r\n1")
                _ = try await connection.received { $0.split(separator: "HTTP/1.1 202").count == number }
                try await connection.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n")
                _ = try await connection.received { $0.split(separator: "HTTP/1.1 404").count == number + 1 }
            }
            #expect(!connection.isOver)
            await connection.close()
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            let get = "GET /nothing HTTP/1.1\r\nHost: h\r\n"
            try await connection.send(
                get + "\r\n" + Self.start + "Content-Length: 1\r\n\r\n1" + get + "Connection: Close\r\n\r\n"
            )
            let text = try await connection.received()
            let codes = text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(codes == ["404", "202", "404"])
            #expect(text.hasSuffix("}"))
            #expect(connection.isOver)
        }
    }

    @Test func linksNameTheHostThatWasAskedFor() async throws {
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            try await connection.send(
                "POST /runtime/webhooks/durabletask/orchestrators/Hello/a HTTP/1.1\r\nHost: reprise.local:81\r\n"
                    + "Connection: close\r\nContent-Length: 0\r\n\r\n"
            )
            let text = try await connection.received()
            #expect(
                text.contains("ocation: http://reprise.local:81/runtime/webhooks/durabletask/instances/a?taskHub=demo")
            )
        }
    }

    @Test func twoHundredMegabytesAreRefusedBeforeTheyAreSent() async throws {
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            try await connection.send(Self.start + "Content-Length: 200000000\r\nExpect: 100-continue\r\n\r\n")
            let text = try await connection.received { $0.hasSuffix("}") }
            #expect(text.hasPrefix("HTTP/1.1 413"))
            #expect(!text.contains("100 Continue"))
            #expect(text.contains("onnection: close"))
            #expect(text.contains(#"{"Message":"A request body may have at most 1048576 bytes","#))
            _ = try await connection.received()
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func twoHundredMegabytesAreNotReadToTheirEnd(isChunked: Bool) async throws {
        let head =
            isChunked ? "Transfer-Encoding: chunked\r\n\r\nBEBC200\r\n" : "Content-Length: 200000000\r\n\r\n"
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            try await connection.send(Self.start + head)
            var sent = 0
            do {
                while sent < 200_000_000 {
                    try await connection.send(zeros: 1 << 20)
                    sent += 1 << 20
                }
            } catch {
                // The server has had enough.
            }
            #expect(sent < 100_000_000)
            let text = try await connection.received()
            // The answer reaches who reads while he sends; a reset may take it from who does not.
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 413"))
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test func aBodyThatIsAskedForIsAskedFor() async throws {
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            try await connection.send(Self.start + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            _ = try await connection.received { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            #expect(gateway.hub.sent.isEmpty)
            try await connection.send("[1]")
            _ = try await connection.received { $0.contains("HTTP/1.1 202") }
            await connection.close()
        }
    }

    @Test func chunkedBodiesPassUpToTheLimit() async throws {
        try await withServer(\.maximumBody, 10) { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            let head = Self.start + "Transfer-Encoding: chunked\r\n\r\n"
            try await connection.send(head + "5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n")
            _ = try await connection.received { $0.contains("HTTP/1.1 202") }
            #expect(gateway.hub.sent.first?.command.action == .start(orchestrator: "Hello", input: .json("1234567890")))
            try await connection.send(head + "5\r\n12345\r\n6\r\n678901\r\n0\r\n\r\n")
            #expect(try await connection.received().contains("HTTP/1.1 413"))
            #expect(gateway.hub.sent.count == 1)
        }
    }

    /// Hummingbird takes the end of a connection for the end of a body: a start that was cut off would run with half of
    /// its input, which may well be JSON (`1234` cut behind `12`).
    @Test(arguments: [false, true])
    func aRequestThatBreaksOffStartsNothing(isChunked: Bool) async throws {
        let request =
            isChunked ? "Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n" : "Content-Length: 10\r\n\r\n1234"
        for isHalfClosed in [true, false] {
            try await withServer { gateway, port async throws in
                let connection = try await RawConnection(port: port)
                try await connection.send(Self.start + request)
                if isHalfClosed {
                    try await connection.finishSending()
                    let text = try await connection.received()
                    #expect(!text.contains("202"))
                } else {
                    await connection.close()
                }
                try await Task.sleep(for: .milliseconds(50))
                #expect(gateway.hub.sent.isEmpty)
            }
        }
    }

    @Test func aHeadThatDoesNotComeIsNotWaitedForForEver() async throws {
        try await withServer(\.idleTimeout, .milliseconds(300)) { gateway, port async throws in
            let silent = try await RawConnection(port: port)
            let slow = try await RawConnection(port: port)
            try await slow.send("POST /runtime")
            #expect(try await silent.received() == "")
            #expect(try await slow.received() == "")
        }
    }

    @Test func aBodyThatTricklesIsNotWaitedForForEver() async throws {
        try await withServer(\.bodyTimeout, .milliseconds(400)) { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            try await connection.send(Self.start + "Content-Length: 100\r\n\r\n")
            let began = ContinuousClock.now
            while !connection.isOver, ContinuousClock.now - began < .seconds(10) {
                try? await connection.send(" ")
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(connection.isOver)
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    private static let held =
        "GET /runtime/webhooks/durabletask/instances/a HTTP/1.1\r\nHost: h\r\nPrefer: wait=200\r\n\r\n"

    /// Each long poll that was given up kept its connection's slot for as long as it had wanted to wait.
    @Test func whoHasLeftIsNotHeld() async throws {
        try await withServer(\.maximumConnections, 2) { gateway, port async throws in
            gateway.hub.put(.sample(.of("a")))
            let began = ContinuousClock.now
            for number in 1...6 {
                let connection = try await RawConnection(port: port)
                try await connection.send(Self.held)
                while gateway.hub.state.withLock({ $0.asked.count }) < 2 * number,
                    ContinuousClock.now - began < .seconds(20)
                {
                    try await Task.sleep(for: .milliseconds(2))
                }
                await connection.close()
            }
            #expect(ContinuousClock.now - began < .seconds(20))
        }
    }

    @Test func whoOnlyListensIsAnsweredAtOnce() async throws {
        try await withServer { gateway, port async throws in
            gateway.hub.put(.sample(.of("a")))
            for request in [Self.held, "GET /health HTTP/1.1\r\nHost: h\r\n\r\n"] {
                let connection = try await RawConnection(port: port)
                try await connection.send(request)
                try await connection.finishSending()
                let text = try await connection.received()
                #expect(text.hasPrefix("HTTP/1.1 20"))
                #expect(text.hasSuffix("}"))
            }
        }
    }

    @Test func aHeldConnectionServesTheNextRequest() async throws {
        try await withServer { gateway, port async throws in
            gateway.hub.put(.sample(.of("a")))
            let connection = try await RawConnection(port: port)
            for number in 1...2 {
                try await connection.send(Self.held.replacing("wait=200", with: "wait=1"))
                _ = try await connection.received { $0.split(separator: "HTTP/1.1 202").count == number }
            }
            #expect(!connection.isOver)
            await connection.close()
        }
    }

    private static let noise = [
        "words": "nonsense\r\n\r\n", "an old request": "GET /\r\n\r\n",
        "a blank in a name": "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "a length in letters": "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "bytes": "\u{0}\u{1}\u{2}\u{3}\r\n\r\n",
        "an endless header": "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 200_000) + "\r\n\r\n",
    ]

    @Test(arguments: noise.keys.sorted())
    func whatIsNotHTTPGetsAnEmptyAnswer(kind: String) async throws {
        let text = try #require(Self.noise[kind])
        try await withServer { gateway, port async throws in
            let connection = try await RawConnection(port: port)
            try? await connection.send(text)
            let answer = try await connection.received()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400") && answer.hasSuffix("\r\n\r\n"), "\(answer)")
        }
    }

    @Test func connectionsBeyondTheLimitWait() async throws {
        try await withServer(\.maximumConnections, 2) { gateway, port async throws in
            let first = try await RawConnection(port: port)
            try await first.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await first.received { $0.contains("200 OK") }
            let second = try await RawConnection(port: port)
            try await second.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await second.received { $0.contains("200 OK") }
            let third = try await RawConnection(port: port)
            try await third.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
            try await Task.sleep(for: .milliseconds(100))
            #expect(!third.isOver)
            await second.close()
            _ = try await third.received { $0.contains("200 OK") }
            await third.close()
            await first.close()
        }
    }
}
