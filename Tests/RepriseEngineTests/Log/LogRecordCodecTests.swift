import RepriseEngine
import RepriseKernel
import Testing

@Suite struct LogRecordCodecTests {
    private static let standing = JournalPosition(commit: CommitNumber(rawValue: 1 << 40), checksum: .max, epoch: 3)

    private static func records() throws -> [LogRecord] {
        let identity = JournalIdentity(
            id: "a-journal",
            hub: try HubName("hub"),
            partition: PartitionNumber(3),
            partitionCount: 8
        )
        return [
            .head(LogHead(identity: identity, segment: 4, format: 1, standing: standing)),
            .snapshot(index: 0, bytes: []),
            .snapshot(index: 300, bytes: [UInt8](repeating: 7, count: 4096)),
            .snapshotEnd(size: 1 << 33, digest: SHA256Digest.of([1])),
            .fence(epoch: 9, nonce: .max, node: "knoten-ö"),
            .commit(
                LoggedCommit(
                    standing: standing,
                    previous: 0,
                    format: 2,
                    changes: JournalChanges(rows: 12, bytes: Array(0...255))
                )
            ),
            .sealed(next: 5),
        ]
    }

    @Test func everyRecordComesBack() throws {
        for record in try Self.records() {
            #expect(try LogRecordCodec.decode(LogRecordCodec.encode(record)) == record)
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        for record in try Self.records() {
            let bytes = LogRecordCodec.encode(record)
            for bit in stride(from: 0, to: bytes.count * 8, by: bytes.count > 1_000 ? 97 : 1) {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: ByteReader.Damaged.self) { try LogRecordCodec.decode(damaged) }
            }
            for count in [0, 1, 17, bytes.count - 1] {
                #expect(throws: ByteReader.Damaged.self) { try LogRecordCodec.decode(Array(bytes.prefix(count))) }
            }
        }
    }

    /// What a release wrote, every later one must read: these bytes are never changed.
    @Test func theBytesAreThoseOfTheFirstRelease() throws {
        let fence = LogRecordCodec.encode(.fence(epoch: 9, nonce: 300, node: "n"))
        #expect(fence.map { String($0, radix: 16) }.joined(separator: " ").hasPrefix("1 4 12 ac 2 1 6e "))
        #expect(fence.count == 7 + 16)
    }
}
