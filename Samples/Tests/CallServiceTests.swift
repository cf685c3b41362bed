import Foundation
import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("CallService")
struct CallServiceTests {
    @Test("A service that takes its time is asked until it is done")
    func polling() async throws {
        let hub = try TestHub(orchestrators: [CallService()])
        await hub.stubHTTP { request in
            request.url.hasSuffix("/jobs")
                ? HTTPCallResult(statusCode: 202, headers: ["Location": "/jobs/1", "Retry-After": "20"], body: "")
                : HTTPCallResult(statusCode: 200, headers: [:], body: "done")
        }
        let begin = await hub.now
        let id = try await hub.start(CallService.self, HTTPCall("POST", "http://service/jobs"))
        #expect(try await hub.result(of: id, as: HTTPCallResult.self).body == "done")
        #expect(await hub.now == begin + 20)
        let asked = try await hub.calls.map { try $0.input(as: HTTPCall.self) }
        #expect(asked.map { "\($0.method) \($0.url)" } == ["POST http://service/jobs", "GET http://service/jobs/1"])
    }

    @Test("A service that does not answer well is asked three times")
    func retries() async throws {
        let hub = try TestHub(orchestrators: [CallService()])
        await hub.stubHTTP { _ in HTTPCallResult(statusCode: 503, headers: [:], body: "busy") }
        let request = HTTPCall("GET", "http://service/", retriedStatusCodes: [503])
        let end = try await hub.end(of: try await hub.start(CallService.self, request))
        #expect(end.failure?.cause?.type == "HTTPStatus503")
        #expect(await hub.calls.count == 3)
    }

    @Test("No request leaves a test")
    func unanswered() async throws {
        let hub = try TestHub(orchestrators: [CallService()])
        let error = await #expect(throws: RepriseError.self) {
            try await hub.start(CallService.self, HTTPCall("GET", "http://service/"))
        }
        #expect(error?.message.contains("stubHTTP") == true)
    }
}
