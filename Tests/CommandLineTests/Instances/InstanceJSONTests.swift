import RepriseKernel
import Testing

@testable import reprise_cli

@Suite struct InstanceJSONTests {
    @Test("A status version has its own name beside its old one, which is the orchestrator's in the HTTP API")
    func bothNames() {
        let status = InstanceStatus.trip("trip", version: 3, traits: InstanceTraits(version: "2.1"))
        let record = HistoryRecord(.customStatusSet(.null), time: .zero, version: 2)
        let text = String(decoding: InstanceJSON.object(status, history: [record]).bytes, as: UTF8.self)
        #expect(text.contains(#""statusVersion":3,"version":3,"#))
        #expect(text.contains(#""orchestratorVersion":"2.1""#))
        #expect(text.contains(#""statusVersion":2,"version":2"#))
    }
}
