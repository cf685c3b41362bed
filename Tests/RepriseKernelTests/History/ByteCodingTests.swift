import RepriseKernel
import Testing

@Suite("Numbers and texts in the journal's own form")
struct ByteCodingTests {
    @Test("Integers at every edge")
    func integers() throws {
        var writer = ByteWriter()
        let unsigned: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, .max - 1, .max]
        let signed: [Int64] = [0, -1, 1, -64, 63, 64, .max, .min]
        for number in unsigned { writer.unsigned(number) }
        for number in signed { writer.signed(number) }
        var reader = ByteReader(writer.bytes)
        #expect(try unsigned.map { _ in try reader.unsigned() } == unsigned)
        #expect(try signed.map { _ in try reader.signed() } == signed)
        #expect(reader.isAtEnd)
    }

    @Test("Small numbers take a byte, the largest ten")
    func sizes() {
        func size(_ write: (inout ByteWriter) -> Void) -> Int {
            var writer = ByteWriter()
            write(&writer)
            return writer.bytes.count
        }
        #expect(size { $0.unsigned(127) } == 1)
        #expect(size { $0.signed(-64) } == 1)
        #expect(size { $0.unsigned(.max) } == 10)
        #expect(size { $0.signed(.min) } == 10)
    }

    @Test(
        "What does not fit throws",
        arguments: [
            [], [0x80], Array(repeating: 0x80, count: 11), [5, 1], [255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0],
        ] as [[UInt8]]
    )
    func damaged(bytes: [UInt8]) {
        #expect(throws: ByteReader.Damaged.self) {
            var reader = ByteReader(bytes)
            _ = try reader.content()
        }
    }

    @Test("A text that is not UTF-8 throws; a reader may start past the end")
    func texts() {
        #expect(throws: ByteReader.Damaged.self) {
            var reader = ByteReader([1, 0xFF])
            _ = try reader.string()
        }
        var late = ByteReader([1, 2], from: 9)
        #expect(late.isAtEnd)
        #expect(throws: ByteReader.Damaged.self) { try late.content() }
    }
}
