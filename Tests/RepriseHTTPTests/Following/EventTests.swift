import Foundation
import HTTPTypes
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseHTTP
@testable import RepriseStatus

/// Server-sent events over a real connection, byte by byte.
@Suite struct EventTests {
    static let id = InstanceID.of("a")

    private struct Event: Equatable {
        var id: String
        var data: String
    }

    /// The events in what came, chunk sizes and heart-beats left out.
    private func events(_ text: String) -> [Event] {
        var events: [Event] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("id: ") { events.append(Event(id: String(line.dropFirst(4)), data: "")) }
            if line.hasPrefix("data: "), !events.isEmpty { events[events.count - 1].data = String(line.dropFirst(6)) }
        }
        return events
    }

    private func follow(_ gateway: TestGateway, _ uri: String, after id: String? = nil) async throws -> RawConnection {
        let connection = try await RawConnection(port: gateway.port)
        let last = id.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        let path = uri.hasPrefix("~") ? TestGateway.base + uri.dropFirst() : uri
        try await connection.send(
            "GET \(path) HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\(last)Connection: close\r\n\r\n"
        )
        return connection
    }

    /// The first instance of its partition: what it says has the same number there.
    private func message(
        _ version: Int64,
        _ kind: StatusMessage.Kind,
        _ payload: Payload = .null,
        of instance: InstanceID = id
    ) -> StatusMessage {
        StatusMessage(
            kind: kind,
            instance: instance,
            name: "Hello",
            incarnation: 1,
            version: version,
            partition: PartitionNumber(of: instance, count: 4),
            sequence: StatusSequenceNumber(rawValue: version),
            epoch: 1,
            time: Timestamp(milliseconds: 1_600_000_000_000 + version),
            createdTime: Timestamp(milliseconds: 1_600_000_000_000),
            payload: payload
        )
    }

    @Test func aReaderHearsEverythingFromTheFirstToTheEnd() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started), message(2, .customStatusSet, .json(#""Tokyo""#))])
            let reader = try await follow(gateway, "~/instances/a")
            let early = try await reader.received { $0.contains("Tokyo") }
            #expect(early.hasPrefix("HTTP/1.1 200 OK"))
            #expect(
                early.contains("content-type: text/event-stream") || early.contains("Content-Type: text/event-stream")
            )
            _ = try await gateway.model.apply([message(3, .customStatusSet, .json(#"{"n":[1, 2]}"#))])
            _ = try await reader.received { $0.contains(#""statusVersion":3,"version":3"#) }
            _ = try await gateway.model.apply([message(4, .completed, .json(#""done""#))])
            let all = events(try await reader.received())
            #expect(all.map(\.id) == ["1.1", "1.2", "1.3", "1.4"])
            #expect(reader.isOver)
            let last = try Payload(checking: Array(all[3].data.utf8))
            #expect(last.text.contains(#""type":"OrchestrationCompleted""#))
            #expect(last.text.contains(#""runtimeStatus":"Completed","customStatus":{"n":[1, 2]},"output":"done""#))
        }
    }

    @Test func whoComesBackGoesOnWhereItWas() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply(
                (2...5).reduce([message(1, .started)]) { list, version in
                    list + [message(version, .customStatusSet, .json("\(version)"))]
                }
            )
            for (id, versions) in [("0", [1, 2, 3, 4, 5]), ("3", [4, 5]), ("1.4", [5]), ("0.9", [1, 2, 3, 4, 5])] {
                let reader = try await follow(gateway, "~/instances/a", after: id)
                let text = try await reader.received { $0.contains(#""version":5"#) }
                #expect(events(text).map(\.id) == versions.map { "1.\($0)" }, "after \(id)")
                await reader.close()
            }
            let query = try await follow(gateway, "~/instances/a?lastEventId=1.4")
            #expect(events(try await query.received { $0.contains(#""version":5"#) }).map(\.id) == ["1.5"])
            await query.close()
        }
    }

    @Test func whoHasSeenTheEndIsToldToStop() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started), message(2, .completed)])
            gateway.hub.put(try #require(try await gateway.model.get(Self.id)))
            let headers: HTTPFields = [.accept: "text/event-stream", .lastEventID: "1.2"]
            #expect(try await gateway.call(.get, "~/instances/a", headers: headers).emptyStatus == 204)
            let late = try await follow(gateway, "~/instances/a", after: "1")
            #expect(events(try await late.received()).map(\.id) == ["1.2"])
        }
    }

    @Test func whatIsNotThereOrCannotBeReadIsSaid() async throws {
        try await withGateway { gateway async throws in
            let headers: HTTPFields = [.accept: "text/event-stream"]
            #expect(try await gateway.call(.get, "~/instances/nobody", headers: headers).problemStatus == 404)
            try await gateway.settle(.sample(Self.id))
            for id in ["x", "1.2.3", "-1", "1."] {
                let headers: HTTPFields = [.accept: "text/event-stream", .lastEventID: id]
                #expect(try await gateway.call(.get, "~/instances/a", headers: headers).status == 400, "\(id)")
                #expect(try await gateway.call(.get, "/status-stream", headers: headers).status == 400, "\(id)")
            }
        }
    }

    @Test func silenceIsBroken() async throws {
        var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0)
        configuration.heartbeat = .milliseconds(30)
        try await withGateway(configuration) { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started)])
            let reader = try await follow(gateway, "~/instances/a")
            _ = try await reader.received { $0.split(separator: ":\n\n").count > 4 }
            await reader.close()
        }
    }

    /// What the model missed is asked of the partition, once.
    @Test func aGapIsFilledFromThePartition() async throws {
        try await withGateway { gateway async throws in
            var status = InstanceStatus.sample(Self.id)
            status.version = 3
            gateway.hub.put(status)
            gateway.hub.state.withLock {
                $0.history[Self.id] = [
                    HistoryRecord(.executionStarted(name: "Hello", input: .null), time: status.createdTime, version: 1),
                    HistoryRecord(.customStatusSet(.json(#""Tokyo""#)), time: status.createdTime, version: 2),
                    HistoryRecord(.customStatusSet(.json(#""London""#)), time: status.createdTime, version: 3),
                ]
            }
            _ = try await gateway.model.apply([message(3, .customStatusSet, .json(#""London""#))])
            let reader = try await follow(gateway, "~/instances/a")
            let text = try await reader.received { $0.contains("London") }
            #expect(events(text).map(\.id) == ["1.1", "1.2", "1.3"])
            #expect(text.contains("Tokyo"))
            await reader.close()
            let reply = try await gateway.call(.get, "~/instances/a/statuses")
            #expect(
                reply.body.contains(#""statusVersion":3,"version":3,"changes":[{"instanceId":"a""#)
                    && reply.body.contains("Tokyo")
            )
            #expect(gateway.hub.state.withLock { $0.asked.count { $0 == .status(Self.id, history: true) } } == 1)
        }
    }

    /// Between the changes, for readers that ask for it, and without an id: no one can resume after what is not kept.
    @Test func progressIsToldAsItIsHeard() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started)])
            let reader = try await follow(gateway, "~/instances/a?showProgress=true")
            let plain = try await follow(gateway, "~/instances/a")
            for connection in [reader, plain] { _ = try await connection.received { $0.contains("1.1") } }
            let progress = ProgressMessage(
                instance: Self.id,
                name: "Hello",
                incarnation: 1,
                partition: PartitionNumber(of: Self.id, count: 4),
                epoch: 1,
                activity: "Pack",
                task: TaskID(3),
                attempt: 1,
                time: Timestamp(milliseconds: 1_600_000_000_000),
                value: .json(#"{"packed":4}"#)
            )
            try await gateway.model.note([progress])
            let text = try await reader.received { $0.contains("packed") }
            #expect(text.contains("\nevent: progress\ndata: {\"activity\":\"Pack\",\"task\":3,\"attempt\":1,"))
            _ = try await gateway.model.apply([message(2, .completed)])
            #expect(events(try await reader.received()).map(\.id) == ["1.1", "1.2"])
            #expect(try await !plain.received().contains("packed"))
        }
    }

    // MARK: /statuses

    @Test func aStoryIsReadInPages() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply(
                (2...5).reduce([message(1, .started)]) { list, version in
                    list + [message(version, .customStatusSet, .json("\(version)"))]
                }
            )
            let first = try await gateway.call(.get, "~/instances/a/statuses?top=2")
            #expect(first.status == 200 && first.body.hasSuffix(#""next":"1.2"}"#))
            let second = try await gateway.call(.get, "~/instances/a/statuses?top=9&after=1.2")
            #expect(
                second.body.contains(#""statusVersion":5,"version":5,"changes":[{"#)
                    && second.body.hasSuffix(#""next":null}"#)
            )
            #expect(second.body.split(separator: #""type":"#).count == 4)
            let at = try await gateway.call(.get, "~/instances/a/statuses?at=3")
            #expect(at.body.contains(#""version":3"#) && at.body.contains(#""customStatus":3"#))
            let time = try await gateway.call(.get, "~/instances/a/statuses?at=2020-09-13T12:26:40.004Z")
            #expect(time.body.contains(#""customStatus":4"#))
            for query in ["after=x", "at=x", "after=1.2.3"] {
                #expect(try await gateway.call(.get, "~/instances/a/statuses?\(query)").status == 400, "\(query)")
            }
            #expect(try await gateway.call(.get, "~/instances/b/statuses").problemStatus == 404)
            #expect(try await gateway.call(.get, "~/instances/a/statuses?at=2000-01-01T00:00:00Z").problemStatus == 404)
        }
    }

    // MARK: minVersion

    @Test func anAnswerIsNotOlderThanAskedFor() async throws {
        try await withGateway { gateway async throws in
            try await gateway.settle(.sample(Self.id))
            #expect(try await gateway.call(.get, "~/instances/a?minVersion=1").status == 202)
            var newer = InstanceStatus.sample(Self.id, customStatus: .json(#""new""#))
            newer.version = 4
            gateway.hub.put(newer)
            #expect(
                try await gateway.call(.get, "~/instances/a?minVersion=1.4").body.contains(#""customStatus":"new""#)
            )
            let headers: HTTPFields = [.prefer: "wait=1"]
            let never = try await gateway.call(.get, "~/instances/a?minVersion=9", headers: headers)
            #expect(never.status == 412 && never.message?.contains("version 4") == true)
            #expect(try await gateway.call(.get, "~/instances/a?minVersion=x").status == 400)
        }
    }

    // MARK: The whole hub

    @Test func aStreamOfAllTellsWhatIsWanted() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started)])
            let all = try await follow(gateway, "/status-stream", after: "0")
            let some = try await follow(gateway, "/status-stream?instanceIdPrefix=b")
            _ = try await some.received { $0.contains("retry") }
            _ = try await gateway.model.apply([message(2, .customStatusSet, .json(#""Tokyo""#))])
            let other = InstanceID.of("b")
            try #require(PartitionNumber(of: other, count: 4) != PartitionNumber(of: Self.id, count: 4))
            _ = try await gateway.model.apply([
                message(1, .started, of: other), message(2, .completed, of: other),
            ])
            let told = events(try await all.received { $0.contains("OrchestrationCompleted") })
            #expect(
                told.count == 4
                    && told[0].data.contains(#""instanceId":"a","name":"Hello","type":"OrchestrationStarted""#)
            )
            let wanted = events(try await some.received { $0.contains("OrchestrationCompleted") })
            #expect(wanted.allSatisfy { $0.data.contains(#""instanceId":"b""#) } && wanted.count == 2)
            let again = try await follow(gateway, "/status-stream", after: told[1].id)
            #expect(events(try await again.received { $0.contains("OrchestrationCompleted") }) == Array(told[2...]))
            for connection in [all, some, again] { await connection.close() }
        }
    }

    // MARK: until

    private static let shipped = "until=customStatus.stage==%22shipped%22"

    /// A condition that holds for a moment only is met all the same.
    @Test func aConditionIsMetByAnyVersion() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started)])
            async let held = gateway.call(.get, "~/instances/a?\(Self.shipped)", headers: [.prefer: "wait=100"])
            while !gateway.model.notifier.hasListeners(Self.id) { await Task.yield() }
            _ = try await gateway.model.apply([
                message(2, .customStatusSet, .json(#"{"stage":"shipped"}"#)),
                message(3, .customStatusSet, .json(#"{"stage":"delivered"}"#)),
            ])
            let reply = try await held
            #expect(reply.status == 202 && reply.headers[.untilOutcome] == "met" && reply.headers[.eTag] == #""1.2""#)
            #expect(reply.body.contains(#""customStatus":{"stage":"shipped"}"#))
        }
    }

    @Test func aConditionThatIsNotMetIsSaidToBe() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([message(1, .started)])
            let waiting = try await gateway.call(.get, "~/instances/a?\(Self.shipped)", headers: [.prefer: "wait=1"])
            #expect(waiting.status == 202 && waiting.headers[.untilOutcome] == "waiting")
            let atOnce = try await gateway.call(.get, "~/instances/a?until=runtimeStatus==Running")
            #expect(atOnce.headers[.untilOutcome] == "met")
            async let held = gateway.call(.get, "~/instances/a?\(Self.shipped)", headers: [.prefer: "wait=100"])
            while !gateway.model.notifier.hasListeners(Self.id) { await Task.yield() }
            _ = try await gateway.model.apply([message(2, .completed)])
            let ended = try await held
            #expect(ended.status == 200 && ended.headers[.untilOutcome] == "ended")
            #expect(try await gateway.call(.get, "~/instances/a?until=stage==").status == 400)
            #expect(try await gateway.call(.get, "~/instances/nobody?\(Self.shipped)").problemStatus == 404)
        }
    }

    @Test func aStreamOfAllTakesACondition() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.model.apply([
                message(1, .started), message(2, .customStatusSet, .json(#"{"stage":"packed"}"#)),
                message(3, .customStatusSet, .json(#"{"stage":"shipped"}"#)),
            ])
            let uri = "/status-stream?filter=customStatus.stage==%22shipped%22"
            let reader = try await follow(gateway, uri, after: "0")
            let told = events(try await reader.received { $0.contains("shipped") })
            #expect(told.count == 1 && told[0].data.contains("shipped"))
            await reader.close()
            let bad = try await gateway.call(.get, "/status-stream?filter=(", headers: [.accept: "text/event-stream"])
            #expect(bad.status == 400)
        }
    }
}
