import RepriseEngine
import RepriseKernel

// The two tables of one row.

extension JournalIdentity: StoredRow {
    static let table = "identity"
    static let columns = ["one", "journal", "hub", "partition", "partitionCount"]

    func write(to row: inout RowWriter) {
        row.integer(1)
        row.text(id.rawValue)
        row.text(hub.value)
        row.integer(Int64(partition.value))
        row.integer(Int64(partitionCount))
    }

    init(from row: inout RowReader) throws {
        _ = row.integer()
        let id = JournalID(rawValue: row.text())
        let hub = row.text()
        guard let hub = try? HubName(hub) else { throw Damage("the name of the hub is damaged") }
        self.init(
            id: id,
            hub: hub,
            partition: PartitionNumber(Int(row.integer())),
            partitionCount: Int(row.integer())
        )
    }
}

extension JournalHead: StoredRow {
    static let table = "progress"
    static let columns = [
        "one", "commitNumber", "chain", "time", "epoch", "nextKey", "nextPosition", "nextPending", "nextOutbound",
        "sequence", "confirmedThrough", "confirmedBeyond", "unconfirmedFrom", "droppedResults",
    ]

    func write(to row: inout RowWriter) {
        row.integer(1)
        row.integer(commit)
        row.integer(Int64(bitPattern: checksum))
        row.integer(time.milliseconds)
        row.integer(epoch)
        row.integer(nextKey)
        row.integer(nextPosition)
        row.integer(nextPending)
        row.integer(nextOutbound)
        row.integer(sequence)
        row.integer(confirmedThrough)
        row.blob(RangeCoding.encode(confirmedBeyond))
        row.integer(unconfirmedFrom)
        row.integer(droppedResults)
    }

    init(from row: inout RowReader) throws {
        self.init()
        _ = row.integer()
        commit = row.number()
        checksum = UInt64(bitPattern: row.integer())
        time = Timestamp(milliseconds: row.integer())
        epoch = row.number()
        nextKey = row.number()
        nextPosition = row.number()
        nextPending = row.number()
        nextOutbound = row.number()
        sequence = row.number()
        confirmedThrough = row.number()
        confirmedBeyond = try RangeCoding.decode(row.blob())
        unconfirmedFrom = row.number()
        droppedResults = row.integer()
    }
}

/// Ascending ranges as the gap before each and its length: a few bytes each.
enum RangeCoding {
    static func encode(_ ranges: [ClosedRange<OutboundNumber>]) -> [UInt8] {
        var writer = ByteWriter()
        var end: Int64 = 0
        for range in ranges {
            let (lower, upper) = (range.lowerBound.rawValue, range.upperBound.rawValue)
            writer.signed(lower &- end)
            writer.signed(upper &- lower)
            end = upper
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws -> [ClosedRange<OutboundNumber>] {
        var reader = ByteReader(bytes)
        var ranges: [ClosedRange<OutboundNumber>] = []
        var end: Int64 = 0
        do {
            while !reader.isAtEnd {
                let lower = end &+ (try reader.signed())
                let upper = lower &+ (try reader.signed())
                guard lower <= upper else { throw Damage("a range of confirmed messages is damaged") }
                ranges.append(OutboundNumber(rawValue: lower)...OutboundNumber(rawValue: upper))
                end = upper
            }
        } catch let error as ByteReader.Damaged {
            throw Damage("the confirmed messages are damaged: \(error)")
        }
        return ranges
    }
}
