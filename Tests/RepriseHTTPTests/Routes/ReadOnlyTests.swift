import HTTPTypes
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseHTTP

@Suite struct ReadOnlyTests {
    private static var configuration: HTTPConfiguration {
        var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
        configuration.isReadOnly = true
        return configuration
    }

    /// Who may only look changes nothing, and who may do something else is to be granted that.
    @Test func whatAnEndpointDoesIsWhatOneMayBeGranted() {
        let granted = Dictionary(grouping: Endpoint.all, by: \.access).mapValues { Set($0.map(\.id)) }
        #expect(granted[.read] == Set(Endpoint.all.filter { $0.method == .get }.map(\.id)))
        #expect(granted[.start] == ["startOrchestration", "startOrchestrationWithID"])
        #expect(
            granted[.raise] == [
                "raiseEvent", "signalEntity", "signalEntityWithoutKey", "deleteEntity", "deleteEntityWithoutKey",
            ]
        )
        #expect(
            granted[.manage] == [
                "cancelInstance", "terminateInstance", "suspendInstance", "resumeInstance", "rewindInstance",
                "resendInstance",
                "restartInstance", "purgeInstance",
            ]
        )
        #expect(
            granted[.administer] == [
                "purgeInstances", "addIndex", "removeIndex", "retryDeadLetter", "dropDeadLetter",
            ]
        )
    }

    @Test func allButReadingIsRefused() async throws {
        try await withGateway(Self.configuration) { gateway async throws in
            for endpoint in Endpoint.all where endpoint.access != .read {
                let uri = endpoint.path.text.replacing("{", with: "").replacing("}", with: "")
                #expect(try await gateway.call(endpoint.method, uri).status == 403, "\(endpoint.id)")
            }
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test func whatIsNoGetIsRefused() async throws {
        try await withGateway(Self.configuration) { gateway async throws in
            try await gateway.settle(.sample(.of("a"), .completed))
            let commands: [(HTTPRequest.Method, String)] = [
                (.post, "~/orchestrators/Hello"), (.post, "~/instances/a/cancel"), (.post, "~/instances/a/terminate"),
                (.post, "~/instances/a/suspend"),
                (.post, "~/instances/a/resume"), (.post, "~/instances/a/rewind"), (.post, "~/instances/a/restart"),
                (.post, "~/instances/a/resend"), (.post, "~/instances/a/raiseEvent/E"), (.delete, "~/instances/a"),
                (.post, "~/entities/counter/a"),
                (.delete, "~/instances?createdTimeFrom=2020-01-01"), (.delete, "~/entities/counter/a"), (.post, "/"),
                (.put, "~/nowhere"),
            ]
            for (method, uri) in commands {
                let reply = try await gateway.call(method, uri, headers: [.contentType: "application/json"], body: "1")
                #expect(reply.status == 403, "\(method) \(uri)")
                #expect(reply.message == "This gateway is read-only: it shows instances, and accepts no commands")
            }
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test func everybodyMayLook() async throws {
        try await withGateway(Self.configuration) { gateway async throws in
            try await gateway.settle(.sample(.of("a"), .completed))
            for uri in ["/", "/health", "~/instances", "~/instances/a"] {
                #expect(try await gateway.call(.get, uri).status == 200, "\(uri)")
            }
            #expect(try await gateway.call(.get, "/overview").body.contains(#""readOnly":true"#))
        }
    }
}
