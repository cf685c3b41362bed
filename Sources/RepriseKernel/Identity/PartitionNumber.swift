/// One of a hub's partitions, from 0. An instance never changes its partition.
package struct PartitionNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let value: Int
    package init(_ value: Int) { self.value = value }

    /// The partition of an instance: FNV-1a (64 bit) of the id's UTF-8, modulo the hub's partition count.
    ///
    /// Every program that routes must compute the same number; the golden vectors in the tests are its contract.
    package init(of instance: InstanceID, count: Int) {
        var hash = FNV1a()
        hash.combine(instance.value.utf8)
        self.value = Int(hash.value % UInt64(count))
    }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    package var description: String { String(value) }
}

/// FNV-1a, 64 bit: stable across processes, platforms and releases, unlike `Hasher`.
package struct FNV1a: Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
    package init() {}

    package mutating func combine(_ bytes: some Sequence<UInt8>) {
        var hash = value
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        value = hash
    }

    package mutating func combine(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            value = (value ^ ((number >> shift) & 0xFF)) &* 0x0000_0100_0000_01B3
        }
    }
}
