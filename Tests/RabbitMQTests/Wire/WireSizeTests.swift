import Testing

@testable import RabbitMQ

@Suite struct WireSizeTests {
    func nested(_ levels: Int) -> RabbitMQTable {
        var value: RabbitMQFieldValue = .null
        for _ in 1..<max(1, levels) { value = .table(["a": value]) }
        return ["a": value]
    }

    func code(_ body: () throws(RabbitMQError) -> Void) -> RabbitMQError.Code? {
        do {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func countsBytes() throws {
        #expect(try WireSize.of(["ab": "xyz"], depth: 1) == 4 + 3 + 8)
        #expect(try WireSize.of(["a": .array([1, true])], depth: 1) == 4 + 2 + 5 + 9 + 2)
        #expect(try WireSize.of([:], depth: 1) == 4)
    }

    @Test func namesHave255Bytes() {
        #expect(
            code { () throws(RabbitMQError) in try WireSize.requireShort(String(repeating: "a", count: 255), "x") }
                == nil
        )
        #expect(
            code { () throws(RabbitMQError) in try WireSize.requireShort(String(repeating: "é", count: 128), "x") }
                == .invalidArgument
        )
        let long = ["k": RabbitMQFieldValue.table([String(repeating: "k", count: 256): 1])]
        #expect(
            code { () throws(RabbitMQError) in try WireSize.require(long, "x", fitInto: 131_072) } == .invalidArgument
        )
    }

    @Test func nestingIsBounded() {
        #expect(code { () throws(RabbitMQError) in try WireSize.require(nested(32), "x", fitInto: 131_072) } == nil)
        #expect(
            code { () throws(RabbitMQError) in try WireSize.require(nested(33), "x", fitInto: 131_072) }
                == .invalidArgument
        )
    }

    @Test func tablesFitIntoAFrame() {
        let large = ["k": RabbitMQFieldValue.bytes([UInt8](repeating: 0, count: 131_072))]
        #expect(code { () throws(RabbitMQError) in try WireSize.require(large, "x", fitInto: 131_072) } == .tooLarge)
    }

    @Test func aPublicationIsCheckedBeforeItIsQueued() {
        var publication = RabbitMQPublication.text(1, "body", to: "q")
        publication.message.properties.correlationID = String(repeating: "x", count: 256)
        #expect(QueuedPublication(publication, configuration: .init()).refusal?.code == .invalidArgument)
        publication.message.properties.correlationID = nil
        #expect(QueuedPublication(publication, configuration: .init()).refusal == nil)
        publication.message.body = [UInt8](repeating: 0, count: 1_048_577)
        #expect(QueuedPublication(publication, configuration: .init()).refusal?.code == .tooLarge)
    }
}
