import Testing

@testable import RabbitMQ

@Suite struct ContentAssemblerTests {
    var content = ContentAssembler(maximumBodySize: 10)
    let origin = ContentAssembler.Origin.returned(code: 312, text: "NO_ROUTE")

    mutating func body(_ text: String) throws -> RabbitMQBody? {
        try Array(text.utf8).withUnsafeBytes { bytes in try content.body(bytes)?.body }
    }

    @Test mutating func putsPiecesTogether() throws {
        try content.begin(origin)
        #expect(try content.header(size: 9, properties: RabbitMQProperties(type: "T")) == nil)
        #expect(try body("abc") == nil)
        #expect(try body("def") == nil)
        #expect(try body("ghi") == .bytes(Array("abcdefghi".utf8)))
    }

    @Test mutating func anEmptyBodyHasNoBodyFrame() throws {
        try content.begin(origin)
        #expect(try content.header(size: 0, properties: RabbitMQProperties())?.body == .bytes([]))
        try content.begin(origin)
    }

    @Test mutating func exactlyTheLimitPasses() throws {
        try content.begin(origin)
        _ = try content.header(size: 10, properties: RabbitMQProperties())
        #expect(try body("0123456789") == .bytes(Array("0123456789".utf8)))
    }

    @Test mutating func beyondTheLimitIsHashedAndDropped() throws {
        try content.begin(origin)
        _ = try content.header(size: 11, properties: RabbitMQProperties())
        #expect(try body("foob") == nil)
        #expect(try body("ar") == nil)
        #expect(try body("") == nil)
        _ = try body("12345")
        try content.begin(origin)
        _ = try content.header(size: 11, properties: RabbitMQProperties())
        guard case .dropped(let size, let hash)? = try body("foobar12345") else {
            Issue.record("not dropped")
            return
        }
        var expected = FNV1a64()
        Array("foobar12345".utf8).withUnsafeBytes { expected.combine($0) }
        #expect(size == 11)
        #expect(hash == expected.value)
    }

    @Test func hashesAsEverybodyElseDoes() {
        var hash = FNV1a64()
        Array("foobar".utf8).withUnsafeBytes { hash.combine($0) }
        #expect(hash.value == 0x8594_4171_f739_67e8)
    }

    // A size of 2^64 - 1 once meant an allocation of that size, or a trap in adding to it.
    @Test mutating func aHostileSizeCostsNothing() throws {
        try content.begin(origin)
        #expect(try content.header(size: .max, properties: RabbitMQProperties()) == nil)
        #expect(try body("abc") == nil)
    }

    @Test mutating func refusesFramesOutOfOrder() throws {
        #expect(throws: RabbitMQError.self) { try content.header(size: 1, properties: RabbitMQProperties()) }
        #expect(throws: RabbitMQError.self) { try body("a") }
        try content.begin(origin)
        #expect(throws: RabbitMQError.self) { try content.begin(origin) }
        #expect(throws: RabbitMQError.self) { try body("a") }
    }

    @Test(arguments: [UInt64(2), 12]) mutating func refusesMoreThanTheHeaderSays(size: UInt64) throws {
        try content.begin(origin)
        _ = try content.header(size: size, properties: RabbitMQProperties())
        #expect(throws: RabbitMQError.self) { try body("0123456789abc") }
    }
}
