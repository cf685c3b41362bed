import Foundation
import Logging
import Reprise
import RepriseKernel
import Testing

@testable import RepriseNode

@Suite struct HTTPActivityTests {
    private func call(_ server: PouringServer) async throws -> HTTPResponse {
        let context = ActivityContext(
            instanceID: try InstanceID("i"),
            idempotencyKey: "k",
            attempt: 1,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let request = HTTPRequest("GET", "http://127.0.0.1:\(server.port)/", timeoutSeconds: 20)
        return try await HTTPActivity().run(context, input: request)
    }

    private func failure(of server: PouringServer) async throws -> Failure? {
        do {
            _ = try await call(server)
            return nil
        } catch let failure as Failure {
            return failure
        }
    }

    @Test func whatFitsIsReadToItsEnd() async throws {
        let head = "HTTP/1.1 201 Created\r\nContent-Length: 700000\r\nX-Some: thing\r\n\r\n"
        let response = try await call(try PouringServer(head, bytes: 700_000))
        #expect(response.statusCode == 201 && response.header("x-some") == "thing")
        #expect(response.body.utf8.count == 700_000)
    }

    @Test func aLengthBeyondTheLimitIsRefusedAtOnce() async throws {
        let server = try PouringServer("HTTP/1.1 200 OK\r\nContent-Length: 90000000000\r\n\r\n", bytes: nil)
        let failure = try await failure(of: server)
        #expect(failure?.type == "ResponseTooLarge")
        #expect(failure?.message.contains("90000000000 bytes") == true)
    }

    /// It says nothing of its length and never ends: it must not take all the memory that there is.
    @Test func aResponseWithoutEndIsGivenUp() async throws {
        let server = try PouringServer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", bytes: nil)
        let failure = try await failure(of: server)
        #expect(failure?.type == "ResponseTooLarge" && failure?.isNonRetriable == true)
        #expect(server.poured < 64 << 20)
    }

    @Test func aRedirectionIsTheCallersToFollow() async throws {
        let head = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
        #expect(try await call(try PouringServer(head, bytes: 0)).statusCode == 302)
    }

    @Test func aChallengeIsAFailure() async throws {
        let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"
        #expect(try await failure(of: try PouringServer(head, bytes: 0))?.type == "Unauthorized")
    }

    @Test func nobodyThereIsNoResponse() async throws {
        let server = try PouringServer("", bytes: 0)
        #expect(try await failure(of: server)?.type == "NoResponse")
    }
}
