import Foundation
import Logging
import Reprise
import RepriseKernel
import Testing

@testable import RepriseNode

@Suite struct HTTPActivityTests {
    private func call(_ server: OversizedServer) async throws -> HTTPCallResult {
        try await call(HTTPCall("GET", "http://127.0.0.1:\(server.port)/", timeoutSeconds: 20))
    }

    private func call(_ request: HTTPCall) async throws -> HTTPCallResult {
        let context = ActivityContext(
            instanceID: try InstanceID("i"),
            idempotencyKey: "k",
            attempt: 1,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return try await HTTPActivity().run(context, input: request)
    }

    private func failure(of server: OversizedServer) async throws -> Failure? {
        do {
            _ = try await call(server)
            return nil
        } catch let failure as Failure {
            return failure
        }
    }

    @Test func whatFitsIsReadToItsEnd() async throws {
        let head = "HTTP/1.1 201 Created\r\nContent-Length: 700000\r\nX-Some: thing\r\n\r\n"
        let response = try await call(try OversizedServer(head, bytes: 700_000))
        #expect(response.statusCode == 201 && response.header("x-some") == "thing")
        #expect(response.body.utf8.count == 700_000)
    }

    @Test func aLengthBeyondTheLimitIsRefusedAtOnce() async throws {
        let server = try OversizedServer("HTTP/1.1 200 OK\r\nContent-Length: 90000000000\r\n\r\n", bytes: nil)
        let failure = try await failure(of: server)
        #expect(failure?.type == "ResponseTooLarge")
        #expect(failure?.message.contains("90000000000 bytes") == true)
    }

    /// It says nothing of its length and never ends: it must not take all the memory that there is.
    @Test func aResponseWithoutEndIsGivenUp() async throws {
        let server = try OversizedServer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", bytes: nil)
        let failure = try await failure(of: server)
        #expect(failure?.type == "ResponseTooLarge" && failure?.isNonRetriable == true)
        #expect(server.poured < 64 << 20)
    }

    @Test func aRedirectionIsTheCallersToFollow() async throws {
        let head = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
        #expect(try await call(try OversizedServer(head, bytes: 0)).statusCode == 302)
    }

    @Test func aChallengeIsAFailure() async throws {
        let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"
        #expect(try await failure(of: try OversizedServer(head, bytes: 0))?.type == "Unauthorized")
    }

    @Test func nobodyThereIsNoResponse() async throws {
        let server = try OversizedServer("", bytes: 0)
        #expect(try await failure(of: server)?.type == "NoResponse")
    }

    @Test func anInterimResponseIsNotTheAnswer() async throws {
        let head =
            "HTTP/1.1 103 Early Hints\r\nLink: a: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
        let response = try await call(try OversizedServer(head, bytes: 0))
        #expect(response.statusCode == 200 && response.header("link") == nil && response.headers["X-A"] == "1, 2")
    }

    @Test func headersWithoutEndAreGivenUp() async throws {
        let many = (1...20_000).map { "X-\($0): \($0)0000000000\r\n" }.joined()
        #expect(
            try await failure(of: try OversizedServer("HTTP/1.1 200 OK\r\n\(many)", bytes: 0))?.type
                == "ResponseTooLarge"
        )
    }

    @Test func whatNeverAnswersIsNoResponseInTime() async throws {
        let server = try OversizedServer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", bytes: 0, holdsOn: true)
        let failure = await refusal(of: HTTPCall("GET", "http://127.0.0.1:\(server.port)/", timeoutSeconds: 1))
        #expect(failure?.type == "NoResponse" && failure?.message.contains("no response came within 1 s") == true)
    }

    /// The worker is told that the result has no use any more: the request's place is needed by others.
    @Test(.timeLimit(.minutes(1))) func aCanceledRequestEndsAtOnce() async throws {
        let server = try OversizedServer("HTTP/1.1 200 OK\r\n", bytes: 0, holdsOn: true)
        let url = "http://127.0.0.1:\(server.port)/"
        let request = Task { try await call(HTTPCall("GET", url, timeoutSeconds: 3_600)) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        request.cancel()
        await #expect(throws: CancellationError.self) { try await request.value }
        let another = Task { try await call(HTTPCall("GET", url, timeoutSeconds: 3_600)) }
        another.cancel()
        await #expect(throws: CancellationError.self) { try await another.value }
    }

    @Test func manyAreUnderWayAtOnce() async throws {
        let server = try OversizedServer(Self.ok, bytes: 0)
        let url = "http://127.0.0.1:\(server.port)/"
        let codes = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...100 { group.addTask { try await self.call(HTTPCall("GET", url)).statusCode } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(codes == Array(repeating: 200, count: 100))
    }

    // MARK: What is sent is what was asked for

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    private func refusal(of request: HTTPCall) async -> Failure? {
        await #expect(throws: Failure.self) { try await call(request) }
    }

    /// A secret read from a file ends with a newline: the header was left out, and no one said so.
    @Test(arguments: ["secret\n", "a\r\nX-Other: b", "a\u{0}b"])
    func aHeaderThatCannotBeSentIsRefused(value: String) async throws {
        let server = try OversizedServer(Self.ok, bytes: 0)
        let url = "http://127.0.0.1:\(server.port)/"
        let failure = await refusal(of: HTTPCall("GET", url, headers: ["Authorization": value]))
        #expect(failure?.type == "InvalidRequest" && failure?.isNonRetriable == true)
        #expect(failure?.message.contains("'Authorization'") == true && failure?.message.contains("secret\n") == false)
        #expect(server.requests.isEmpty)
    }

    @Test func whatEndsALineIsInNoNameAndNoMethod() async throws {
        let server = try OversizedServer(Self.ok, bytes: 0)
        let url = "http://127.0.0.1:\(server.port)/"
        for request in [
            HTTPCall("GET / HTTP/1.1\r\nX-M: 1\r\n\r\nPOST", url), HTTPCall("", url),
            HTTPCall("GET", url, headers: ["X-A: 1\r\nX-B": "2"]), HTTPCall("GET", url, headers: ["": "2"]),
        ] {
            #expect(await refusal(of: request)?.type == "InvalidRequest")
        }
        #expect(server.requests.isEmpty)
    }

    @Test func aHeaderInLatin1DoesNotHideTheAnswer() async throws {
        let head = Array("HTTP/1.1 200 OK\r\nX-Name: caf".utf8) + [0xE9] + Array("\r\nContent-Length: 2\r\n\r\n".utf8)
        let response = try await call(try OversizedServer(head: head, bytes: 2))
        #expect(response.statusCode == 200 && response.header("x-name")?.hasPrefix("caf") == true)
    }

    @Test func aGetMayHaveABody() async throws {
        let server = try OversizedServer(Self.ok, bytes: 0)
        let url = "HTTP://127.0.0.1:\(server.port)/search"
        #expect(try await call(HTTPCall("get", url, body: #"{"q":1}"#)).statusCode == 200)
        #expect(server.requests.hasPrefix("GET /search HTTP/1.1\r\n"))
        #expect(server.requests.lowercased().contains("content-length: 7"))
    }

    /// Neither a length that is not the body's, nor what libcurl would add by itself.
    @Test func nothingElseIsSent() async throws {
        let server = try OversizedServer(Self.ok, bytes: 0)
        let url = "http://127.0.0.1:\(server.port)/a/../b"
        let headers = ["Content-Length": "1", "X-Empty": "", "X-Blank": " \t", "content-type": "text/plain"]
        _ = try await call(HTTPCall("POST", url, headers: headers, body: "four"))
        let lines = server.requests.split(separator: "\r\n").map(String.init)
        #expect(lines.first == "POST /a/../b HTTP/1.1")
        #expect(
            Set(lines.dropFirst())
                == [
                    "Host: 127.0.0.1:\(server.port)", "Content-Length: 4", "X-Empty:", "X-Blank:",
                    "content-type: text/plain",
                    "four",
                ]
        )
        let other = try OversizedServer(Self.ok, bytes: 0)
        _ = try await call(HTTPCall("POST", "http://127.0.0.1:\(other.port)/"))
        #expect(
            Set(other.requests.split(separator: "\r\n").dropFirst()) == [
                "Host: 127.0.0.1:\(other.port)", "Content-Length: 0",
            ]
        )
    }

    @Test func anAddressMayBeOfIPv6() async throws {
        let failure = await refusal(of: HTTPCall("GET", "http://[::1]:9/", timeoutSeconds: 20))
        #expect(failure?.type == "NoResponse", "\(failure?.message ?? "")")
    }

    @Test(.enabled(if: OversizedServer.hasIPv6, "this machine has no ::1"))
    func aServerMayBeOfIPv6() async throws {
        let server = try OversizedServer(Self.ok, bytes: 0, overIPv6: true)
        let request = HTTPCall("GET", "http://[::1]:\(server.port)/six", timeoutSeconds: 20)
        #expect(try await call(request).statusCode == 200)
        #expect(server.requests.hasPrefix("GET /six HTTP/1.1\r\n"))
        #expect(server.requests.lowercased().contains("host: [::1]:\(server.port)\r\n"), "\(server.requests)")
    }

    // MARK: Where it is asked again

    @Test func nothingThatMayBeASecretGoesToAnotherOrigin() throws {
        let secrets = ["Authorization", "X-Api-Key", "Cookie", "Proxy-Authorization", "Ocp-Apim-Subscription-Key"]
        var headers = Dictionary(secrets.map { ($0, "s") }, uniquingKeysWith: { $1 })
        headers["Accept-Language"] = "de"
        headers["User-Agent"] = "u"
        for other in ["http://h:8080/x", "http://other/x", "https://h/x"] {
            var request = HTTPCall("POST", "http://h/a", headers: headers)
            request.follow(try #require(URL(string: other)))
            #expect(Set(request.headers.keys) == ["Accept-Language", "User-Agent"], "\(other)")
        }
        var request = HTTPCall("POST", "http://h/a", headers: headers)
        request.follow(try #require(URL(string: "HTTP://H:80/x")))
        #expect(request.headers == headers)
    }

    @Test(
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "7",
        ]
    )
    func aTimeToComeBackIsKept(text: String) {
        let response = HTTPCallResult(statusCode: 202, headers: ["Retry-After": text], body: "")
        #expect(response.pause(at: Date(timeIntervalSince1970: 784_111_770)) == .seconds(7))
    }
}
