import Foundation
import Reprise
import RepriseClient
import Testing

@Suite("A status says what the gateway said")
struct OrchestrationStatusTests {
    private struct Discount: Codable, Equatable {
        var percent: Int
    }

    private func status(_ members: String, tag: String? = nil) throws -> OrchestrationStatus? {
        OrchestrationStatus(
            try JSONView(
                checking: Array(
                    #"{"name":"T","instanceId":"t","runtimeStatus":"Pending","createdTime":"2026-11-24T18:30:24Z","lastUpdatedTime":"2026-11-24T18:30:25Z",\#(members)}"#
                        .utf8
                )
            ),
            tag: tag
        )
    }

    @Test("Everything that can be said")
    func whole() throws {
        let status = try #require(
            try status(
                """
                "input":"\\u00fc","customStatus":{"percent":10},"output":null,"parentInstanceId":"p","version":"2.0",\
                "tags":{"region":"eu"},"startTime":"2026-11-25T00:00:00Z","ofALaterRelease":[1]
                """,
                tag: "W/\"7.3\""
            )
        )
        #expect(status.id.value == "t" && status.name == "T" && status.runtimeStatus == .pending && !status.isEnded)
        #expect(try status.input(as: String.self) == "ü")
        #expect(try status.customStatus(as: Discount.self) == Discount(percent: 10))
        #expect(try status.output(as: JSON.self) == nil)
        #expect(status.parent?.value == "p" && status.version == "2.0" && status.tags == ["region": "eu"])
        #expect(status.createdTime == Date(timeIntervalSince1970: 1_795_545_024))
        #expect(status.startTime == Date(timeIntervalSince1970: 1_795_564_800))
        #expect(status.revision == Revision(incarnation: 7, version: 3))
    }

    @Test("What is of another kind is told without its text")
    func unreadable() throws {
        let status = try #require(try status(#""customStatus":{"percent":"secret"}"#))
        let error = #expect(throws: RepriseError.self) { try status.customStatus(as: Discount.self) }
        #expect(error?.code == .unreadablePayload && error?.isRetriable == false)
        #expect(error?.message.hasPrefix("the custom status of 't' is not a Discount") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("Values that are false are values", arguments: ["false", "0", "\"\"", "[]"])
    func falsy(json: String) throws {
        #expect(try status("\"customStatus\":\(json)")?.customStatus(as: JSON.self) != nil)
    }

    @Test("Revisions in order, and tags that are none")
    func revisions() {
        let tags = ["\"1.1\"", "\"1.2\"", "\"1.10\"", "W/\"2.1\""]
        let revisions = tags.compactMap { Revision(tag: $0) }
        #expect(revisions.count == 4 && revisions == revisions.sorted())
        for tag in ["", "\"\"", "\"abc\"", "\"1\"", "\"1.2.3\"", "\"1.x\""] { #expect(Revision(tag: tag) == nil) }
    }
}
