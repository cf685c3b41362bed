import HTTPTypes
import Testing

@testable import RepriseHTTP

@Suite struct RouteTests {
    private func route(_ method: HTTPRequest.Method, _ target: String) -> Route {
        Route(method, RequestTarget(target).segments)
    }

    @Test func routesAreFoundWithoutRegardToCaseAndOuterSlashes() {
        for path in [
            "/runtime/webhooks/durabletask/instances/a", "/runtime/webhooks/durableTask/instances/a/",
            "//Runtime/WEBHOOKS/DurableTask/Instances/a//", "http://host:1/runtime/webhooks/durabletask/instances/a",
        ] {
            #expect(route(.get, path) == .status("a"), "\(path)")
            #expect(route(.delete, path) == .purge("a"), "\(path)")
        }
        let base = "/runtime/webhooks/durabletask"
        #expect(route(.get, base + "/instances/") == .list)
        #expect(route(.delete, base + "/instances") == .purgeMany)
        #expect(route(.post, base + "/ORCHESTRATORS/Hello") == .start(orchestrator: "Hello", instance: nil))
        #expect(route(.post, base + "/orchestrators/Hello/x%20y") == .start(orchestrator: "Hello", instance: "x y"))
        #expect(
            route(.post, base + "/instances/a/raiseEvent/City%2FSelected") == .raiseEvent("a", event: "City/Selected")
        )
        #expect(route(.post, base + "/instances/a/RAISEEVENT/E") == .raiseEvent("a", event: "E"))
        #expect(route(.post, base + "/instances/a/terminate?reason=x") == .terminate("a"))
        #expect(route(.post, base + "/instances/a/Suspend") == .suspend("a"))
        #expect(route(.post, base + "/instances/a/resume") == .resume("a"))
        #expect(route(.post, base + "/instances/a/rewind?reason=x") == .rewind("a"))
        #expect(route(.post, base + "/instances/a/resend") == .resend("a"))
        #expect(route(.post, base + "/instances/a/restart?restartWithNewInstanceId=false") == .restart("a"))
        #expect(route(.get, base + "/Entities/") == .entities(name: nil))
        #expect(route(.get, base + "/entities/Counter?top=1") == .entities(name: "Counter"))
        #expect(route(.get, base + "/entities/Counter/a%20b") == .entity(name: "Counter", key: "a b"))
        #expect(route(.post, base + "/entities/Counter/$?op=add") == .signal(name: "Counter", key: "$"))
        #expect(route(.post, base + "/entities/Counter/") == .signal(name: "Counter", key: nil))
        #expect(route(.delete, base + "/entities/Counter/a") == .deleteEntity(name: "Counter", key: "a"))
        #expect(route(.delete, base + "/entities/Counter") == .deleteEntity(name: "Counter", key: nil))
    }

    @Test func whatIsNotThereIsUnknown() {
        let base = "/runtime/webhooks/durabletask"
        for (method, path) in [
            (HTTPRequest.Method.get, base), (.get, base + "/nothing"), (.get, base + "/orchestrators/Hello"),
            (.post, base + "/orchestrators"), (.post, base + "/instances/a"), (.put, base + "/instances/a"),
            (.get, base + "/instances/a/terminate"),
            (.post, base + "/instances/a/raiseEvent"), (.post, base + "/makeprimary"),
            (.post, base + "/instances//terminate"), (.put, base + "/entities/counter/a"), (.get, "/nothing"),
            (.get, base + "/entities/counter/a/b"), (.post, base + "/entities"),
            (.get, "/runtime"), (.head, base + "/instances/a"), (.options, base + "/instances"),
        ] {
            #expect(route(method, path) == .unknown, "\(method) \(path)")
        }
        #expect(route(.get, "/%ff") == .illegible)
    }

    @Test func ourOwnRoutesNameTheVerbTheyTake() {
        #expect(route(.get, "/") == .page)
        #expect(route(.get, "/?x=1") == .page)
        #expect(route(.get, "/health") == .health)
        #expect(route(.get, "/cluster") == .cluster)
        #expect(route(.get, "/counts?groupBy=name") == .counts)
        #expect(route(.get, "/indexes") == .indexes)
        #expect(route(.post, "/indexes") == .addIndex)
        #expect(route(.delete, "/indexes?path=name") == .removeIndex)
        #expect(route(.put, "/indexes") == .wrongVerb(allowed: "GET, POST, DELETE"))
        #expect(route(.post, "/health") == .wrongVerb(allowed: "GET"))
        #expect(route(.head, "/") == .wrongVerb(allowed: "GET"))
    }

    @Test func queriesAreReadByNameInAnyCase() {
        let query = RequestTarget(
            "/a?ShowHistory=True&runtimeStatus=Running&RUNTIMESTATUS=Failed%2cPending&x=a+b%2Bc&y&=z"
        )
        .query
        #expect(query.bool("showHistory", default: false))
        #expect(query.bool("showInput", default: true))
        #expect(query.all("runtimeStatus") == ["Running", "Failed,Pending"])
        #expect(query["X"] == "a b+c")
        #expect(query["y"] == "")
        #expect(query["none"] == nil)
        #expect(!RequestTarget("/a?showInput=1&showInput=false").query.bool("showInput", default: false))
    }

    @Test func percentSignsThatBeginNoEscapeStand() {
        #expect(PercentCoding.decode("100%") == "100%")
        #expect(PercentCoding.decode("%zz%4") == "%zz%4")
        #expect(PercentCoding.decode("%F0%9F%8E%B5") == "🎵")
        #expect(PercentCoding.encode("a b/å~.-_") == "a%20b%2F%C3%A5~.-_")
    }
}
