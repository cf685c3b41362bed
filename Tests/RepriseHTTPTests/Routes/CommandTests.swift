import HTTPTypes
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct CommandTests {
    static let json: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    // MARK: Terminate, suspend, resume

    @Test func ordersAreAcceptedWithNothingToSay() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a b")))
            #expect(try await gateway.call(.post, "~/instances/a%20b/suspend?reason=tea").emptyStatus == 202)
            #expect(try await gateway.call(.post, "~/instances/a%20b/resume?reason=back+again").emptyStatus == 202)
            #expect(try await gateway.call(.post, "~/instances/a%20b/terminate?Reason=123").emptyStatus == 202)
            let actions = gateway.hub.sent.map(\.command.action)
            #expect(
                actions == [
                    .suspend(reason: .json(#""tea""#)), .resume(reason: .json(#""back again""#)),
                    .terminate(reason: .json("123")),
                ]
            )
            #expect(gateway.hub.sent.allSatisfy { $0.command.isInteractive })
        }
    }

    @Test func aCancellationSaysHowLongItsCodeMayCleanUp() async throws {
        try await withGateway { gateway async throws in
            for (query, action) in [
                ("", Command.Action.cancel(reason: .null)),
                ("?reason=tea&gracePeriod=1.5", .cancel(reason: .string("tea"), grace: .milliseconds(1_500))),
                ("?gracePeriod=0&recursive=true", .cancel(reason: .null, grace: .zero, children: true)),
            ] {
                gateway.hub.put(.sample(.of("a")))
                #expect(try await gateway.call(.post, "~/instances/a/cancel\(query)").emptyStatus == 202)
                #expect(gateway.hub.sent.last?.command.action == action)
            }
            for period in ["soon", "-1", "31622401", "nan"] {
                gateway.hub.put(.sample(.of("a")))
                #expect(try await gateway.call(.post, "~/instances/a/cancel?gracePeriod=\(period)").status == 400)
            }
        }
    }

    @Test func reasonsThatAreNoJSONAreText() async throws {
        try await withGateway { gateway async throws in
            for (query, reason) in [
                ("", "null"), ("?reason=", #""""#), ("?reason={text}", #""{text}""#), ("?reason=%22x%22", #""x""#),
            ] {
                gateway.hub.put(.sample(.of("a")))
                #expect(try await gateway.call(.post, "~/instances/a/terminate\(query)").emptyStatus == 202)
                #expect(gateway.hub.sent.last?.command.action == .terminate(reason: .json(reason)))
            }
        }
    }

    @Test func wrongStatesAreSaidSo() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("running")))
            gateway.hub.put(.sample(.of("suspended"), .suspended))
            gateway.hub.put(.sample(.of("ended"), .completed))
            for verb in ["cancel", "terminate", "suspend", "resume"] {
                #expect(try await gateway.call(.post, "~/instances/ended/\(verb)").problemStatus == 410, "\(verb)")
                #expect(try await gateway.call(.post, "~/instances/nobody/\(verb)").problemStatus == 404, "\(verb)")
                #expect(try await gateway.call(.post, "~/instances/@/\(verb)").problemStatus == 404, "\(verb)")
            }
            #expect(try await gateway.call(.post, "~/instances/suspended/suspend").status == 409)
            #expect(try await gateway.call(.post, "~/instances/running/resume").status == 409)
        }
    }

    @Test func whatOvertakesItsStartIsRepeatedBehindIt() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            _ = gateway.hub.state.withLock { $0.inIntake.insert(.of("a")) }
            #expect(try await gateway.call(.post, "~/instances/a/terminate").emptyStatus == 202)
            let sent = gateway.hub.sent
            #expect(sent.map(\.ordered) == [false, true])
            #expect(sent[0].command == sent[1].command, "the same command, so that it counts once")
        }
    }

    @Test func refusalsKeepTheirMeaning() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            for (code, status) in [
                (Rejection.Code.tooManyPending, 429), (.expired, 503), (.invalid, 400), (.tooLarge, 413),
            ] {
                gateway.hub.state.withLock { $0.refusal = Rejection(code, "no") }
                let reply = try await gateway.call(.post, "~/instances/a/terminate")
                #expect(reply.status == status)
                #expect(reply.message == "No")
            }
        }
    }

    @Test func onlyWhatFailedIsRewound() async throws {
        try await withGateway { gateway async throws in
            for (id, status) in [
                ("failed", RuntimeStatus.failed), ("done", .completed), ("stopped", .terminated), ("busy", .running),
            ] { gateway.hub.put(.sample(.of(id), status)) }
            for (id, status) in [("failed", 202), ("done", 410), ("stopped", 410), ("nobody", 404)] {
                let uri = "~/instances/\(id)/rewind?reason=the%20bank%20is%20back"
                #expect(try await gateway.call(.post, uri).status == status, "\(id)")
            }
            #expect(gateway.hub.sent[0].command.action == .rewind(reason: .string("the bank is back")))
            let busy = try await gateway.call(.post, "~/instances/busy/rewind")
            #expect(busy.status == 412)
            #expect(busy.message == "Instance 'busy' is running")
        }
    }

    @Test func whatARunningOneWaitsForIsSentAgain() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("busy"), .running))
            gateway.hub.put(.sample(.of("done"), .completed))
            for (id, status) in [("busy", 202), ("done", 410), ("nobody", 404)] {
                #expect(try await gateway.call(.post, "~/instances/\(id)/resend").status == status, "\(id)")
            }
            #expect(gateway.hub.sent[0].command.action == .resend)
        }
    }

    @Test func ordersReachTheChildrenWhenTheyAreToldTo() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            #expect(try await gateway.call(.post, "~/instances/a/terminate?recursive=true").emptyStatus == 202)
            #expect(try await gateway.call(.delete, "~/instances/a?Recursive=True").status == 200)
            try await gateway.settle(.sample(.of("b"), .failed))
            let many = "~/instances?createdTimeFrom=2000-01-01&recursive=true"
            #expect(try await gateway.call(.delete, many).body == #"{"instancesDeleted":1}"#)
            let actions = gateway.hub.sent.map(\.command.action)
            #expect(
                actions == [
                    .terminate(reason: .null, children: true), .purge(children: true), .purge(children: true),
                ]
            )
        }
    }

    /// A recursive purge said 1, and left the children of the life before a restart in place.
    @Test(arguments: [false, true]) func aRecursivePurgeCountsAllThatItRemoved(many: Bool) async throws {
        try await withGateway { gateway async throws in
            var family: [InstanceStatus] = [.sample(.of("p"), .completed)]
            for (child, parent, status) in [
                ("p:1:1", "p", RuntimeStatus.completed), ("p:9:1", "p", .failed), ("below", "p:1:1", .terminated),
                ("busy", "p", .running), ("deep", "busy", .completed),
            ] {
                var one = InstanceStatus.sample(.of(child), status)
                one.traits.parent = .of(parent)
                family.append(one)
            }
            for one in family {
                gateway.hub.put(one)
                try await gateway.settle(one)
            }
            let uri =
                many
                ? "~/instances?createdTimeFrom=1960-01-01&instanceIdPrefix=p&recursive=true"
                : "~/instances/p?recursive=true"
            #expect(try await gateway.call(.delete, uri).body == #"{"instancesDeleted":4}"#)
            for (id, isThere) in [("p", false), ("p:1:1", false), ("below", false), ("busy", true), ("deep", true)] {
                let known = try await gateway.hub.status(of: .of(id))
                #expect((known != nil) == isThere, "\(id)")
            }
        }
    }

    @Test func anyCommandMayCarryItsKey() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            var headers = Self.json
            headers[.idempotencyKey] = "k-1"
            for uri in ["suspend", "resume", "raiseEvent/E", "terminate"] {
                let body = uri.hasPrefix("raise") ? "1" : nil
                let reply = try await gateway.call(.post, "~/instances/a/\(uri)", headers: headers, body: body)
                #expect(reply.emptyStatus == 202, "\(uri)")
            }
            #expect(try await gateway.call(.delete, "~/instances/a", headers: headers).status == 200)
            #expect(gateway.hub.sent.allSatisfy { $0.command.messageID == "k-1" })
            headers[.idempotencyKey] = "not a key"
            #expect(try await gateway.call(.post, "~/instances/a/terminate", headers: headers).status == 400)
        }
    }

    @Test func aRefusalIsSaidUnderTheNamesThatClientsLookFor() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.post, "~/orchestrators/Nobody")
            #expect(
                reply.body == """
                    {"Message":"There is no orchestrator 'Nobody'","ExceptionMessage":"There is no orchestrator \
                    'Nobody'","ExceptionType":"UnknownOrchestrator"}
                    """
            )
            let own = try await gateway.call(.post, "~/orchestrators/Hello", body: "{")
            #expect(own.body == #"{"Message":"Invalid JSON content","ExceptionMessage":"Invalid JSON content"}"#)
        }
    }

    // MARK: Events

    @Test func anEventIsPassedOnAsItCame() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            let reply = try await gateway.call(
                .post,
                "~/instances/a/raiseEvent/City%20Selected",
                headers: Self.json,
                body: #"  {"city":"Tokyo"} "#
            )
            #expect(reply.emptyStatus == 202)
            #expect(
                gateway.hub.sent[0].command.action
                    == .raiseEvent(name: "City Selected", .json(#"  {"city":"Tokyo"} "#))
            )
        }
    }

    @Test func whoeverMisspellsAnEventHearsWhatIsWaitedFor() async throws {
        try await withGateway { gateway async throws in
            var status = InstanceStatus.sample(.of("a"))
            status.waitingFor = ["Approval"]
            gateway.hub.put(status)
            let uri = "~/instances/a/raiseEvent"
            let misspelt = try await gateway.call(.post, "\(uri)/Aproval", headers: Self.json, body: "1")
            #expect(misspelt.status == 202)
            #expect(misspelt.body == #"{"instanceId":"a","waitingFor":["Approval"]}"#)
            let right = try await gateway.call(.post, "\(uri)/Approval", headers: Self.json, body: "1")
            #expect(right.emptyStatus == 202)
        }
    }

    @Test func badEventsAreRefused() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            let uri = "~/instances/a/raiseEvent/E"
            for type in ["text/plain", "application/jsonx", "", "application/octet-stream"] {
                let reply = try await gateway.call(.post, uri, headers: [.contentType: type], body: "1")
                #expect(reply.status == 400)
                #expect(reply.message == "Only application/json request content is supported")
            }
            #expect(try await gateway.call(.post, uri, body: "1").status == 400)
            for body in ["", "{", "\"\u{1}\""] {
                let reply = try await gateway.call(.post, uri, headers: Self.json, body: body)
                #expect(reply.status == 400)
                #expect(reply.message == "Invalid JSON content")
            }
            let name = String(repeating: "e", count: 129)
            let long = try await gateway.call(.post, "~/instances/a/raiseEvent/\(name)", headers: Self.json, body: "1")
            #expect(long.status == 400)
            #expect(gateway.hub.sent.isEmpty)
        }
    }

    @Test func anEndedInstanceIsGoneBeforeAnythingIsWrongWithTheEvent() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("ended"), .completed))
            for (id, status) in [("ended", 410), ("nobody", 404)] {
                let uri = "~/instances/\(id)/raiseEvent/E"
                #expect(try await gateway.call(.post, uri, headers: Self.json, body: "1").status == status)
                #expect(try await gateway.call(.post, uri, headers: Self.json, body: "{").status == status)
                #expect(try await gateway.call(.post, uri, body: "1").status == status)
            }
        }
    }

    @Test func eventsMayContainOneMebibyteAndNoMore() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(.of("a")))
            let fits = "\"" + String(repeating: "x", count: 1_048_574) + "\""
            let uri = "~/instances/a/raiseEvent/E"
            #expect(try await gateway.call(.post, uri, headers: Self.json, body: fits).emptyStatus == 202)
            #expect(try await gateway.call(.post, "~/orchestrators/Hello", body: fits).status == 202)
            for uri in [uri, "~/orchestrators/Hello"] {
                let reply = try await gateway.call(.post, uri, headers: Self.json, body: fits + " ")
                #expect(reply.status == 413)
                #expect(reply.message == "A request body may have at most 1048576 bytes")
            }
        }
    }
}
