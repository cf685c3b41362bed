import RabbitMQ
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite("Records of a log as messages")
struct LogFragmentsTests {
    private func delivery(_ message: RabbitMQMessage, offset: Int64?) -> RabbitMQDelivery {
        var properties = message.properties
        if let offset { properties.headers["x-stream-offset"] = .int(offset) }
        return RabbitMQDelivery(
            tag: 1,
            consumerTag: "",
            redelivered: false,
            exchange: "",
            routingKey: "",
            properties: properties,
            body: .bytes(message.body)
        )
    }

    private let large = (0..<(LogFragments.bytes * 2 + 5)).map { UInt8(truncatingIfNeeded: $0) }

    @Test("A small record is one message, and a large one as many as it takes")
    func sizes() {
        #expect(LogFragments.messages(of: [1, 2], id: "a").map(\.body) == [[1, 2]])
        #expect(LogFragments.messages(of: large, id: "a").map(\.body.count) == [1 << 20, 1 << 20, 5])
    }

    @Test("Parts become the record at the offset of the last, also with others between them")
    func together() throws {
        var assembler = LogAssembler()
        let parts = LogFragments.messages(of: large, id: "a")
        let foreign = LogFragments.messages(of: large.reversed(), id: "b")
        #expect(try assembler.add(delivery(parts[0], offset: 0)) == nil)
        #expect(try assembler.add(delivery(foreign[0], offset: 1)) == nil)
        #expect(try assembler.add(delivery(parts[1], offset: 2)) == nil)
        #expect(try assembler.add(delivery(RabbitMQMessage(body: [7]), offset: 3)) == LogEntry(offset: 3, bytes: [7]))
        #expect(try assembler.add(delivery(parts[2], offset: 4)) == LogEntry(offset: 4, bytes: large))
    }

    @Test("A record without its beginning, or with a hole, is none")
    func incomplete() throws {
        let parts = LogFragments.messages(of: large, id: "a")
        for some in [[1, 2], [0, 2], [0, 1]] {
            var assembler = LogAssembler()
            for part in some {
                #expect(try assembler.add(delivery(parts[part], offset: Int64(part))) == nil)
            }
        }
    }

    /// Anyone who may write to the broker can write parts into a log that are never completed.
    @Test("Records without an end are forgotten when they are too much together, the oldest first")
    func unfinishedRecordsAreBounded() throws {
        var assembler = LogAssembler(maximumBytes: 8 << 20)
        let part = LogFragments.messages(of: large, id: "ours")
        #expect(try assembler.add(delivery(part[0], offset: 0)) == nil)
        #expect(try assembler.add(delivery(part[1], offset: 1)) == nil)
        // Each as large as a part is: memory holds them once.
        let body = [UInt8](repeating: 7, count: LogFragments.bytes)
        func stranger(_ number: Int64, _ id: String) -> RabbitMQMessage {
            var properties = RabbitMQProperties(messageID: id, type: LogFragments.type)
            properties.headers[Header.part] = .int(number)
            properties.headers[Header.parts] = .int(.max)
            return RabbitMQMessage(properties: properties, body: body)
        }
        for number in 0..<Int64(4) {
            #expect(try assembler.add(delivery(stranger(number, "theirs"), offset: number + 2)) == nil)
        }
        #expect(assembler.unfinishedBytes == 6 << 20)
        #expect(try assembler.add(delivery(part[2], offset: 60)) == LogEntry(offset: 60, bytes: large))
        for number in 4..<Int64(20) {
            #expect(try assembler.add(delivery(stranger(number, "theirs"), offset: number + 61)) == nil)
            #expect(assembler.unfinishedBytes <= 8 << 20)
        }
        #expect(assembler.unfinishedBytes == 0, "what is larger than any record is none, and its later parts are none")
        for part in LogFragments.messages(of: large, id: "next").enumerated() {
            let entry = try assembler.add(delivery(part.element, offset: Int64(part.offset) + 400))
            #expect((entry != nil) == (part.offset == 2))
        }
    }

    @Test("A message without an offset is none of a stream's")
    func withoutOffset() {
        var assembler = LogAssembler()
        let error = #expect(throws: LogReadError.self) { try assembler.add(delivery(RabbitMQMessage(), offset: nil)) }
        #expect(error?.code == .unreadable)
    }
}
