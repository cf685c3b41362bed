package import RepriseKernel

/// The bytes of a log record: a version, a kind, its fields, and the first half of the SHA-256 of all that.
///
/// Damage is detected by the digest, and an unknown version or kind by its number: nothing is ever guessed.
package enum LogRecordCodec {
    private static let version: UInt8 = 1
    private static let digestSize = 16

    package static func encode(_ record: LogRecord) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(version)
        switch record {
        case .head(let head):
            writer.byte(1)
            writer.string(head.identity.id.rawValue)
            writer.string(head.identity.hub.value)
            writer.unsigned(UInt64(head.identity.partition.value))
            writer.unsigned(UInt64(head.identity.partitionCount))
            writer.signed(head.segment)
            writer.unsigned(UInt64(head.format))
            writer.standing(head.standing)
        case .snapshot(let index, let bytes):
            writer.byte(2)
            writer.unsigned(UInt64(index))
            writer.string(bytes)
        case .snapshotEnd(let size, let digest):
            writer.byte(3)
            writer.signed(size)
            writer.string(digest)
        case .fence(let epoch, let nonce, let node):
            writer.byte(4)
            writer.signed(epoch.rawValue)
            writer.unsigned(nonce)
            writer.string(node)
        case .commit(let commit):
            writer.byte(5)
            writer.standing(commit.standing)
            writer.unsigned(commit.previous)
            writer.unsigned(UInt64(commit.format))
            writer.unsigned(UInt64(commit.changes.rows))
            writer.string(commit.changes.bytes)
        case .sealed(let next):
            writer.byte(6)
            writer.signed(next)
        }
        return writer.bytes + SHA256Digest.of(writer.bytes).prefix(digestSize)
    }

    package static func decode(_ bytes: [UInt8]) throws(ByteReader.Damaged) -> LogRecord {
        guard let record = try decodeIfSealed(bytes) else {
            throw .init(description: "a log record does not match its digest")
        }
        return record
    }

    /// - Returns: nil for bytes that do not end with their digest: they were damaged, or are not a record.
    package static func decodeIfSealed(_ bytes: [UInt8]) throws(ByteReader.Damaged) -> LogRecord? {
        guard bytes.count > digestSize + 2 else { return nil }
        let content = Array(bytes.dropLast(digestSize))
        guard bytes.suffix(digestSize).elementsEqual(SHA256Digest.of(content).prefix(digestSize)) else { return nil }
        var reader = ByteReader(content)
        let found = try reader.byte()
        guard found == version else {
            throw .init(description: "a log record has the unknown version \(found): a newer release wrote it")
        }
        switch try reader.byte() {
        case 1:
            return .head(
                LogHead(
                    identity: JournalIdentity(
                        id: JournalID(rawValue: try reader.string()),
                        hub: try reader.hub(),
                        partition: PartitionNumber(try reader.count()),
                        partitionCount: try reader.count()
                    ),
                    segment: try reader.signed(),
                    format: try reader.count(),
                    standing: try reader.standing()
                )
            )
        case 2: return .snapshot(index: try reader.count(), bytes: try reader.content())
        case 3: return .snapshotEnd(size: try reader.signed(), digest: try reader.content())
        case 4:
            return .fence(
                epoch: Epoch(rawValue: try reader.signed()),
                nonce: try reader.unsigned(),
                node: try reader.string()
            )
        case 5:
            return .commit(
                LoggedCommit(
                    standing: try reader.standing(),
                    previous: try reader.unsigned(),
                    format: try reader.count(),
                    changes: JournalChanges(rows: try reader.count(), bytes: try reader.content())
                )
            )
        case 6: return .sealed(next: try reader.signed())
        case let kind: throw .init(description: "a log record is of the unknown kind \(kind)")
        }
    }
}

extension ByteWriter {
    fileprivate mutating func standing(_ standing: JournalPosition) {
        signed(standing.commit.rawValue)
        unsigned(standing.checksum)
        signed(standing.epoch.rawValue)
    }
}

extension ByteReader {
    fileprivate mutating func standing() throws(Damaged) -> JournalPosition {
        JournalPosition(
            commit: CommitNumber(rawValue: try signed()),
            checksum: try unsigned(),
            epoch: Epoch(rawValue: try signed())
        )
    }

    fileprivate mutating func count() throws(Damaged) -> Int {
        let value = try unsigned()
        guard value <= UInt64(Int32.max) else { throw Damaged(description: "a number of \(value) is too large") }
        return Int(value)
    }

    fileprivate mutating func hub() throws(Damaged) -> HubName {
        let text = try string()
        do { return try HubName(text) } catch { throw Damaged(description: "'\(text)' is not a hub name") }
    }
}
