import HTTPTypes
import Testing

@testable import RepriseHTTP

@Suite struct RouteTests {
    /// The id of what answers, with the parameters of the path.
    private func route(_ method: HTTPRequest.Method, _ target: String) -> String {
        switch EndpointMatch(method, RequestTarget(target).segments) {
        case .found(let endpoint, let values):
            ([endpoint.id] + endpoint.path.parameters.map { values[$0] ?? "-" }).joined(separator: " | ")
        case .unknown: "unknown"
        case .wrongVerb(let allowed): "takes \(allowed)"
        case .illegible: "illegible"
        }
    }

    @Test func addressesAreFoundWithoutRegardToCaseAndOuterSlashes() {
        for path in [
            "/runtime/webhooks/durabletask/instances/a", "/runtime/webhooks/durableTask/instances/a/",
            "//Runtime/WEBHOOKS/DurableTask/Instances/a//", "http://host:1/runtime/webhooks/durabletask/instances/a",
        ] {
            #expect(route(.get, path) == "getInstance | a", "\(path)")
            #expect(route(.delete, path) == "purgeInstance | a", "\(path)")
        }
        let base = "/runtime/webhooks/durabletask"
        for (method, path, answer) in [
            (HTTPRequest.Method.get, "/instances/", "listInstances"), (.delete, "/instances", "purgeInstances"),
            (.post, "/ORCHESTRATORS/Hello", "startOrchestration | Hello"),
            (.post, "/orchestrators/Hello/x%20y", "startOrchestrationWithID | Hello | x y"),
            (.post, "/instances/a/raiseEvent/City%2FSelected", "raiseEvent | a | City/Selected"),
            (.post, "/instances/a/RAISEEVENT/E", "raiseEvent | a | E"),
            (.post, "/instances/a/cancel?gracePeriod=60", "cancelInstance | a"),
            (.post, "/instances/a/terminate?reason=x", "terminateInstance | a"),
            (.post, "/instances/a/Suspend", "suspendInstance | a"),
            (.post, "/instances/a/resume", "resumeInstance | a"),
            (.post, "/instances/a/rewind?reason=x", "rewindInstance | a"),
            (.post, "/instances/a/resend", "resendInstance | a"),
            (.post, "/instances/a/restart?restartWithNewInstanceId=false", "restartInstance | a"),
            (.get, "/instances/a/statuses", "listStatuses | a"), (.get, "/instances/a/Tree", "getInstanceTree | a"),
            (.get, "/Entities/", "listEntities"), (.get, "/entities/Counter?top=1", "listEntitiesOfName | Counter"),
            (.get, "/entities/Counter/a%20b", "getEntity | Counter | a b"),
            (.post, "/entities/Counter/$?op=add", "signalEntity | Counter | $"),
            (.post, "/entities/Counter/", "signalEntityWithoutKey | Counter"),
            (.delete, "/entities/Counter/a", "deleteEntity | Counter | a"),
            (.delete, "/entities/Counter", "deleteEntityWithoutKey | Counter"),
        ] {
            #expect(route(method, base + path) == answer)
        }
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
            (.get, "/runtime"), (.head, base + "/instances/a"), (.options, base + "/instances"), (.get, "/Health"),
        ] {
            #expect(route(method, path) == "unknown", "\(method) \(path)")
        }
        #expect(route(.get, "/%ff") == "illegible")
    }

    @Test func ourOwnAddressesNameTheVerbTheyTake() {
        for (method, path, answer) in [
            (HTTPRequest.Method.get, "/", "getPage"), (.get, "/?x=1", "getPage"), (.get, "/health", "getHealth"),
            (.get, "/cluster", "getCluster"), (.get, "/counts?groupBy=name", "countInstances"),
            (.get, "/indexes", "listIndexes"), (.post, "/indexes", "addIndex"),
            (.delete, "/indexes?path=name", "removeIndex"), (.put, "/indexes", "takes GET, POST, DELETE"),
            (.get, "/assets/page.css", "getAsset | page.css"), (.post, "/health", "takes GET"),
            (.head, "/", "takes GET"),
        ] {
            #expect(route(method, path) == answer)
        }
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
