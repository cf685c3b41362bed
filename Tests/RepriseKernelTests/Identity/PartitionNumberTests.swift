import RepriseKernel
import Testing

@Suite("An instance's partition is the same number in every program")
struct PartitionNumberTests {
    /// Computed by another program, in another language. Never edit: instances in the world lie where this says.
    @Test(
        "Golden vectors",
        arguments: [
            ("a", 0xAF63_DC4C_8601_EC8C, [0, 0, 5, 12]),
            ("A", 0xAF63_FC4C_8602_22EC, [0, 0, 3, 12]),
            ("order-42", 0x7D1D_EB86_A056_62D4, [0, 0, 0, 20]),
            ("instance-1", 0x3CA7_AED1_4D2D_AA34, [0, 0, 5, 20]),
            ("2f1c0b7e6d5a49389a1b2c3d4e5f6071", 0x4901_91F8_6265_37AC, [0, 0, 6, 12]),
            ("größe", 0xB745_0E1E_F581_40DA, [0, 2, 1, 26]),
            ("日本語", 0xEE9E_E2B5_C854_EF87, [0, 3, 0, 7]),
            ("🚂", 0xFF06_D138_7509_7874, [0, 0, 5, 20]),
            ("e\u{301}", 0xC0C9_D418_EE80_2E1F, [0, 3, 0, 31]),
            ("\u{E9}", 0x0AC2_1707_B718_1E01, [0, 1, 2, 1]),
            (String(repeating: "x", count: 256), 0x295F_A478_294E_7725, [0, 1, 6, 5]),
        ] as [(String, UInt64, [Int])]
    )
    func golden(id: String, hash: UInt64, partitions: [Int]) throws {
        var fnv = FNV1a()
        fnv.combine(id.utf8)
        #expect(fnv.value == hash)
        let instance = try InstanceID(id)
        #expect([1, 4, 7, 32].map { PartitionNumber(of: instance, count: $0).value } == partitions)
    }

    @Test("A number is combined as its eight bytes, lowest first")
    func numbers() {
        var number = FNV1a()
        number.combine(0x0807_0605_0403_0201 as UInt64)
        var bytes = FNV1a()
        bytes.combine([1, 2, 3, 4, 5, 6, 7, 8])
        #expect(number.value == bytes.value)
    }

    @Test("Ten thousand ids spread over the partitions")
    func spread() {
        var counts = [0, 0, 0, 0]
        for number in 0..<10_000 {
            counts[PartitionNumber(of: InstanceID(trusted: "order-\(number)"), count: 4).value] += 1
        }
        #expect(counts.allSatisfy { (2_000...3_000).contains($0) }, "\(counts)")
    }
}
