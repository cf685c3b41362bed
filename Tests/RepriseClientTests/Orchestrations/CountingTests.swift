import RepriseClient
import RepriseKernel
import Testing

@Suite("Lists and counts by any path")
struct CountingTests {
    @Test("A list says its filter and its order")
    func list() async throws {
        let gateway = ScriptedGateway([.status(200, "[]", ["x-ms-continuation-token": ""])])
        let filter = InstanceFilter(statuses: [.running], expression: #"customStatus.cities has "Tokyo""#)
        for try await _ in try gateway.client().list(filter, orderedBy: "createdTime desc") {}
        #expect(
            gateway.asked[0].url == "http://gateway:7071/runtime/webhooks/durabletask/instances?runtimeStatus=Running"
                + "&filter=customStatus.cities%20has%20%22Tokyo%22&orderBy=createdTime%20desc&showInput=false&top=100"
        )
    }

    @Test("Groups are read, those without a value too")
    func count() async throws {
        let gateway = ScriptedGateway([
            .status(
                200,
                """
                {"total": 6, "groups": [{"value": "paid", "count": 3}, {"value": null, "isMissing": true, "count": 2},
                {"value": null, "count": 1}], "isTruncated": true}
                """
            )
        ])
        let counts = try await gateway.client().count(InstanceFilter(name: "Order"), by: "customStatus.stage")
        #expect(gateway.asked[0].url == "http://gateway:7071/counts?name=Order&groupBy=customStatus.stage")
        #expect(counts.total == 6 && counts.isTruncated)
        #expect(counts.groups.map(\.count) == [3, 2, 1])
        #expect(counts.groups.map(\.isMissing) == [false, true, false])
        #expect(try counts.groups.map { try $0.value(as: String.self) } == ["paid", nil, nil])
        #expect(throws: RepriseError.self) { try counts.groups[0].value(as: Int.self) }
    }

    @Test("What is not an answer, and what is refused, is an error")
    func errors() async throws {
        let gateway = ScriptedGateway([
            .status(200, #"{"total": 1}"#), .status(400, #"{"Message": "groupBy cannot be read"}"#),
        ])
        let client = try gateway.client()
        let odd = await #expect(throws: RepriseError.self) { try await client.count() }
        #expect(odd?.code == .unexpectedAnswer)
        let refused = await #expect(throws: RepriseError.self) { try await client.count(by: "x") }
        #expect(refused?.code == .invalid)
        #expect(refused?.message == "groupBy cannot be read")
    }
}
