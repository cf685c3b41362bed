import HTTPTypes
import RepriseKernel
import RepriseStatus
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP

@Suite struct ReadingTests {
    static let id = InstanceID.of("a")

    @Test func aRunningInstanceIs202WithItsOwnAddress() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(
                .sample(Self.id, input: .json(#"{"b": 1, "a" :2}"#), customStatus: .json("[ 1,2 ]"))
            )
            let reply = try await gateway.call(.get, "~/Instances/a/?showInput=TRUE&code=%20")
            #expect(reply.status == 202)
            #expect(
                reply.body == """
                    {"name":"Hello","instanceId":"a","runtimeStatus":"Running","input":{"b": 1, "a" :2},\
                    "customStatus":[ 1,2 ],"output":null,"createdTime":"2019-10-06T18:30:24Z",\
                    "lastUpdatedTime":"2019-10-06T18:30:27Z"}
                    """
            )
            #expect(
                reply.headers[.location]
                    == "http://localhost/runtime/webhooks/durabletask/Instances/a/?showInput=TRUE&code=%20"
            )
            #expect(reply.headers[.retryAfter] == "5")
        }
    }

    @Test(arguments: [RuntimeStatus.pending, .running, .suspended])
    func whatGoesOnIs202(status: RuntimeStatus) async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(Self.id, status))
            #expect(try await gateway.call(.get, "~/instances/a").status == 202)
        }
    }

    @Test func whatHasEndedIs200WithoutALocation() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("done"), .completed, output: .json("[1]")))
            try await gateway.settle(.sample(.of("stopped"), .terminated, output: .json("123")))
            var failed = InstanceStatus.sample(.of("failed"), .failed)
            failed.failure = Failure(type: "Boom", message: "no")
            try await gateway.settle(failed)
            for (id, output) in [("done", "[1]"), ("stopped", "123"), ("failed", #""Boom: no""#)] {
                let reply = try await gateway.call(.get, "~/instances/\(id)")
                #expect(reply.status == 200)
                #expect(reply.body.contains("\"output\":\(output)"))
                #expect(reply.headers[.location] == nil)
                #expect(reply.headers[.retryAfter] == nil)
            }
            let query = "?returnInternalServerErrorOnFailure=true"
            let reply = try await gateway.call(.get, "~/instances/failed" + query)
            #expect(reply.status == 500)
            #expect(reply.body.contains(#""runtimeStatus":"Failed""#))
            #expect(try await gateway.call(.get, "~/instances/done" + query).status == 200)
        }
    }

    @Test func inputsAreHiddenOnRequest() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id, input: .json("1")))
            for query in ["showInput=false", "SHOWINPUT=False"] {
                let reply = try await gateway.call(.get, "~/instances/a?\(query)")
                #expect(reply.body.contains(#""input":null"#))
            }
            #expect(try await gateway.call(.get, "~/instances?showInput=False").body.contains(#""input":null"#))
        }
    }

    @Test func historyComesFromThePartition() async throws {
        try await withGateway { gateway async throws in
            gateway.hub.put(.sample(Self.id, .completed))
            gateway.hub.state.withLock {
                $0.history[Self.id] = [
                    HistoryRecord(
                        .executionStarted(name: "Hello", input: .json("7")),
                        time: Timestamp(milliseconds: 5)
                    ),
                    HistoryRecord(.executionCompleted(output: .json("8")), time: Timestamp(milliseconds: 6)),
                ]
            }
            let plain = try await gateway.call(.get, "~/instances/a")
            #expect(!plain.body.contains("historyEvents"))
            let reply = try await gateway.call(.get, "~/instances/a?showHistory=True&showInput=false")
            #expect(
                reply.body.hasSuffix(
                    """
                    ,"historyEvents":[{"EventType":"ExecutionStarted","FunctionName":"Hello",\
                    "Timestamp":"1970-01-01T00:00:00.005Z"},{"EventType":"ExecutionCompleted",\
                    "OrchestrationStatus":"Completed","Timestamp":"1970-01-01T00:00:00.006Z"}]}
                    """
                )
            )
            let full = try await gateway.call(.get, "~/instances/a?showHistory=true&showHistoryOutput=true")
            #expect(full.body.contains(#""Input":7"#))
            #expect(full.body.contains(#""Result":8"#))

            gateway.hub.put(.sample(.of("early"), .pending))
            let pending = try await gateway.call(.get, "~/instances/early?showHistory=true")
            #expect(!pending.body.contains("historyEvents"))
        }
    }

    @Test func whatAStartWasGivenIsShownWhereItWasGiven() async throws {
        try await withGateway { gateway async throws in
            var status = InstanceStatus.sample(Self.id, .pending)
            status.traits = InstanceTraits(
                version: "2.0",
                tags: ["b": "2", "a": "1"],
                parent: .of("p"),
                startTime: Timestamp(milliseconds: 4_000_000_000_500)
            )
            try await gateway.settle(status)
            let suffix = """
                ,"lastUpdatedTime":"2019-10-06T18:30:24Z","parentInstanceId":"p","tags":{"a":"1","b":"2"},\
                "version":"2.0","startTime":"2096-10-02T07:06:40.500Z"}
                """
            #expect(try await gateway.call(.get, "~/instances/a").body.hasSuffix(suffix))
            #expect(try await gateway.call(.get, "~/instances").body.hasSuffix(suffix + "]"))
        }
    }

    @Test func whoIsUnknownToModelAndPartitionIs404() async throws {
        try await withGateway { gateway async throws in
            #expect(try await gateway.call(.get, "~/instances/nobody").problemStatus == 404)
            #expect(gateway.hub.state.withLock { $0.asked } == [.status(.of("nobody"), history: false)])
            #expect(try await gateway.call(.get, "~/instances/nobody?showHistory=true").problemStatus == 404)
            #expect(try await gateway.call(.get, "~/instances/@x").problemStatus == 404)
            #expect(
                try await gateway.call(.get, "~/instances/\(String(repeating: "x", count: 257))").problemStatus == 404
            )
        }
    }

    @Test func anotherTaskHubIsNotServed() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id))
            for query in ["taskHub=demo", "taskhub=Demo&connection=x", "taskHub=", ""] {
                #expect(try await gateway.call(.get, "~/instances/a?\(query)").status == 202)
            }
            let reply = try await gateway.call(.get, "~/instances/a?taskHub=other")
            #expect(reply.status == 400)
            #expect(reply.message == "This gateway serves the task hub 'demo', not 'other'")
        }
    }

    // MARK: Links

    @Test func linksFollowTheProxyOnlyWhenToldTo() async throws {
        let forwarded: HTTPFields = [.forwardedHost: "api.example.org, inner", .forwardedProto: "https"]
        func location(_ trusted: Bool, _ headers: HTTPFields) async throws -> String? {
            var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
            configuration.followsForwardedHost = trusted
            nonisolated(unsafe) var found: String?
            try await withGateway(configuration) { gateway async throws in
                found = try await gateway.call(.post, "~/orchestrators/Hello/a", headers: headers).headers[.location]
            }
            return found
        }
        #expect(try await location(false, forwarded)?.hasPrefix("http://localhost/") == true)
        #expect(try await location(true, forwarded)?.hasPrefix("https://api.example.org/") == true)
        #expect(try await location(true, [.forwardedHost: "api.example.org"])?.hasPrefix("http://localhost/") == true)
        let hostile: HTTPFields = [.forwardedHost: #"x"><script>"#, .forwardedProto: "https"]
        #expect(try await location(true, hostile)?.contains("script") == false)
    }

    // MARK: Lists

    @Test func aListPagesWithItsTokenAlwaysThere() async throws {
        try await withGateway { gateway async throws in
            for number in 0..<5 { try await gateway.settle(.sample(.of("i-\(number)"))) }
            let all = try await gateway.call(.get, "~/instances/")
            #expect(all.status == 200)
            #expect(all.headers[.continuationToken] == "")
            #expect(all.body.hasPrefix(#"[{"name":"Hello","instanceId":"i-0""#))

            var seen = 0
            var token = ""
            repeat {
                let headers: HTTPFields = [.continuationToken: token]
                let page = try await gateway.call(.get, "~/instances?top=2", headers: headers)
                seen += page.body.split(separator: #""instanceId""#).count - 1
                token = try #require(page.headers[.continuationToken])
            } while !token.isEmpty
            #expect(seen == 5)
            let bad = try await gateway.call(.get, "~/instances", headers: [.continuationToken: "bogus"])
            #expect(bad.status == 400)
            #expect(try await gateway.call(.get, "~/instances?top=x").status == 200)
            #expect(try await gateway.call(.get, "~/instances?top=-1").status == 200)
        }
    }

    @Test func anEmptyListIsAnEmptyArray() async throws {
        try await withGateway { gateway async throws in
            let reply = try await gateway.call(.get, "~/instances")
            #expect(reply.body == "[]")
            #expect(reply.headers[.continuationToken] == "")
        }
    }

    @Test func listsAreFiltered() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(.of("x-1"), .completed, created: 1_570_386_624_000))
            try await gateway.settle(.sample(.of("x-2"), .running, created: 1_570_386_625_000))
            try await gateway.settle(.sample(.of("y-3"), .suspended, created: 1_570_386_626_000))
            func ids(_ query: String) async throws -> [Substring] {
                let reply = try await gateway.call(.get, "~/instances?\(query)")
                #expect(reply.status == 200, "\(query)")
                return reply.body.split(separator: #""instanceId":""#).dropFirst().map { $0.prefix { $0 != "\"" } }
            }
            #expect(try await ids("instanceIdPrefix=x-") == ["x-1", "x-2"])
            #expect(try await ids("runtimeStatus=running,COMPLETED") == ["x-1", "x-2"])
            #expect(try await ids("runtimeStatus=Running&runtimestatus=Suspended") == ["x-2", "y-3"])
            #expect(try await ids("runtimeStatus=0") == ["x-2"])
            #expect(try await ids("runtimeStatus=").count == 3)
            #expect(try await ids("createdTimeFrom=2019-10-06T18:30:25.000000Z") == ["x-2", "y-3"])
            #expect(try await ids("createdTimeTo=2019-10-06T18:30:25Z") == ["x-1", "x-2"])
            #expect(try await ids("createdTimeFrom=2019-10-06T18:30:25Z&createdTimeTo=2019-10-06T18:30:25Z") == ["x-2"])
            var tagged = InstanceStatus.sample(.of("z-4"), name: "Other", created: 1_570_386_627_000)
            tagged.traits = InstanceTraits(tags: ["city": "São:Paulo", "n": "1"], parent: .of("x-1"))
            try await gateway.settle(tagged)
            #expect(try await ids("tag=city:S%C3%A3o:Paulo&tag=n:1") == ["z-4"])
            #expect(try await ids("tag=city:Oslo").isEmpty)
            #expect(try await ids("Name=Other") == ["z-4"])
            #expect(try await ids("parentInstanceId=x-1") == ["z-4"])
            #expect(try await ids("name=&parentInstanceId=").count == 4)
            for query in [
                "tag=city", "tag=:x", "tag=a:1&tag=a:2", "parentInstanceId=@x", "runtimeStatus=Runing",
                "runtimeStatus=9",
                "createdTimeFrom=yesterday", "instanceIdPrefix=%E9",
                (0..<1_100).map { "tag=t\($0):1" }.joined(separator: "&"),
            ] {
                let reply = try await gateway.call(.get, "~/instances?\(query)")
                #expect(reply.status == 400, "\(query)")
                #expect(reply.message != nil)
            }
        }
    }
}
