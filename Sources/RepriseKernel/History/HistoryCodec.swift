/// The binary form of a run of history records, as one turn appends them.
///
/// `version`, records, then eight bytes of FNV-1a over all before: a bit flipped in a payload passes SQLite's own
/// integrity check, so it is caught here. Kinds are numbered for ever; an unknown one is an error of that instance.
package enum HistoryCodec {
    private static let version: UInt8 = 1

    package static func encode(_ records: some Sequence<HistoryRecord>) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(version)
        for record in records { write(record, to: &writer) }
        var checksum = FNV1a()
        checksum.combine(writer.bytes)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            writer.byte(UInt8(truncatingIfNeeded: checksum.value >> shift))
        }
        return writer.bytes
    }

    package static func decode(_ bytes: [UInt8]) throws(ByteReader.Damaged) -> [HistoryRecord] {
        guard bytes.count >= 9 else { throw ByteReader.Damaged(description: "too short for a history row") }
        let body = Array(bytes.dropLast(8))
        var checksum = FNV1a()
        checksum.combine(body)
        let stored = bytes.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard checksum.value == stored else { throw ByteReader.Damaged(description: "the checksum does not match") }
        var reader = ByteReader(body)
        let found = try reader.byte()
        guard found == version else {
            throw ByteReader.Damaged(description: "history format \(found), this program knows \(version)")
        }
        var records: [HistoryRecord] = []
        while !reader.isAtEnd { records.append(try readRecord(from: &reader)) }
        return records
    }

    // MARK: One record

    private enum Kind: UInt8 {
        case executionStarted = 1, taskScheduled, taskCompleted, taskFailed, timerCreated, timerFired, timerCanceled
        case eventRaised, customStatusSet, executionSuspended, executionResumed, executionTerminated
        case executionCompleted, executionFailed, executionRewound
    }

    private static func write(_ record: HistoryRecord, to writer: inout ByteWriter) {
        func head(_ kind: Kind) {
            writer.byte(kind.rawValue)
            writer.signed(record.time.milliseconds)
            writer.unsigned(UInt64(record.version ?? 0))
        }
        switch record.event {
        case .executionStarted(let name, let input):
            head(.executionStarted)
            writer.string(name)
            writer.string(input.bytes)
        case .taskScheduled(let task):
            head(.taskScheduled)
            writer.signed(task.id.value)
            writer.string(task.name)
            writer.string(task.input.bytes)
            writer.unsigned(UInt64(task.attempt))
            writer.signed(task.key)
            writer.unsigned(task.secret.high)
            writer.unsigned(task.secret.low)
        case .taskCompleted(let id, let result):
            head(.taskCompleted)
            writer.signed(id.value)
            writer.string(result.bytes)
        case .taskFailed(let id, let failure):
            head(.taskFailed)
            writer.signed(id.value)
            write(failure, to: &writer)
        case .timerCreated(let id, let fireAt):
            head(.timerCreated)
            writer.signed(id.value)
            writer.signed(fireAt.milliseconds)
        case .timerFired(let id):
            head(.timerFired)
            writer.signed(id.value)
        case .timerCanceled(let id):
            head(.timerCanceled)
            writer.signed(id.value)
        case .eventRaised(let name, let payload):
            head(.eventRaised)
            writer.string(name)
            writer.string(payload.bytes)
        case .customStatusSet(let status):
            head(.customStatusSet)
            writer.string(status.bytes)
        case .executionSuspended(let reason):
            head(.executionSuspended)
            writer.string(reason.bytes)
        case .executionResumed(let reason):
            head(.executionResumed)
            writer.string(reason.bytes)
        case .executionTerminated(let reason):
            head(.executionTerminated)
            writer.string(reason.bytes)
        case .executionRewound(let reason, let undone):
            head(.executionRewound)
            writer.string(reason.bytes)
            writer.unsigned(UInt64(undone.count))
            for step in undone { writer.unsigned(UInt64(step)) }
        case .executionCompleted(let output):
            head(.executionCompleted)
            writer.string(output.bytes)
        case .executionFailed(let failure):
            head(.executionFailed)
            write(failure, to: &writer)
        }
    }

    private static func readRecord(from reader: inout ByteReader) throws(ByteReader.Damaged) -> HistoryRecord {
        let number = try reader.byte()
        guard let kind = Kind(rawValue: number) else {
            throw ByteReader.Damaged(description: "history event of unknown kind \(number)")
        }
        let time = Timestamp(milliseconds: try reader.signed())
        let version = try reader.unsigned()
        let event: HistoryEvent
        switch kind {
        case .executionStarted:
            event = .executionStarted(name: try reader.string(), input: try payload(&reader))
        case .taskScheduled:
            event = .taskScheduled(
                ScheduledTask(
                    id: try taskID(&reader),
                    name: try reader.string(),
                    input: try payload(&reader),
                    attempt: Int(truncatingIfNeeded: try reader.unsigned()),
                    key: try reader.signed(),
                    secret: TaskSecret(high: try reader.unsigned(), low: try reader.unsigned())
                )
            )
        case .taskCompleted:
            event = .taskCompleted(try taskID(&reader), result: try payload(&reader))
        case .taskFailed:
            event = .taskFailed(try taskID(&reader), try failure(&reader))
        case .timerCreated:
            event = .timerCreated(try taskID(&reader), fireAt: Timestamp(milliseconds: try reader.signed()))
        case .timerFired: event = .timerFired(try taskID(&reader))
        case .timerCanceled: event = .timerCanceled(try taskID(&reader))
        case .eventRaised: event = .eventRaised(name: try reader.string(), try payload(&reader))
        case .customStatusSet: event = .customStatusSet(try payload(&reader))
        case .executionSuspended: event = .executionSuspended(reason: try payload(&reader))
        case .executionResumed: event = .executionResumed(reason: try payload(&reader))
        case .executionTerminated: event = .executionTerminated(reason: try payload(&reader))
        case .executionRewound:
            event = .executionRewound(reason: try payload(&reader), undone: try numbers(&reader))
        case .executionCompleted: event = .executionCompleted(output: try payload(&reader))
        case .executionFailed: event = .executionFailed(try failure(&reader))
        }
        return HistoryRecord(event, time: time, version: version == 0 ? nil : Int64(truncatingIfNeeded: version))
    }

    private static func taskID(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> TaskID {
        TaskID(try reader.signed())
    }

    private static func payload(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> Payload {
        Payload(trusted: try reader.content())
    }

    private static func numbers(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> [Int] {
        var numbers: [Int] = []
        for _ in 0..<(try reader.unsigned()) { numbers.append(Int(clamping: try reader.unsigned())) }
        return numbers
    }

    // MARK: Failures

    private static func write(_ failure: Failure, to writer: inout ByteWriter, depth: Int = 0) {
        let cause = depth < maximumCauses ? failure.cause : nil
        writer.string(failure.type)
        writer.string(failure.message)
        let flags: UInt8 =
            (failure.isNonRetriable ? 1 : 0) | (failure.details != nil ? 2 : 0) | (cause != nil ? 4 : 0)
        writer.byte(flags)
        if let details = failure.details { writer.string(details) }
        if let cause { write(cause, to: &writer, depth: depth + 1) }
    }

    /// Causes nest; a chain longer than this is cut when written and is damage when read: it must not exhaust the stack.
    private static let maximumCauses = 32

    private static func failure(
        _ reader: inout ByteReader,
        depth: Int = 0
    ) throws(ByteReader.Damaged) -> Failure {
        guard depth <= maximumCauses else { throw ByteReader.Damaged(description: "a failure has too many causes") }
        var failure = Failure(type: try reader.string(), message: try reader.string())
        let flags = try reader.byte()
        failure.isNonRetriable = flags & 1 != 0
        if flags & 2 != 0 { failure.details = try reader.string() }
        if flags & 4 != 0 { failure.cause = try self.failure(&reader, depth: depth + 1) }
        return failure
    }
}
