/// The checksum that ends every row of the journal.
///
/// A flipped bit in a value passes SQLite's own checks and would be trusted. Every step is a bijection of the state
/// before, so a single changed word always shows. The algorithm must never change: its results are in the files.
struct RowSum {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01B3
        value ^= value >> 32
    }

    mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        combine(UInt64(bytes.count))
        var at = 0
        while at + 8 <= bytes.count {
            combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
            at += 8
        }
        guard at < bytes.count else { return }
        var rest: UInt64 = 0
        for byte in bytes[at...].reversed() { rest = rest << 8 | UInt64(byte) }
        combine(rest)
    }
}
