/// The binary form of a run of history records, as one turn appends them.
///
/// `version`, records, then eight bytes of FNV-1a over everything before: a bit flipped in a payload passes SQLite's
/// own integrity check, so it is caught here. Kinds are numbered forever; an unknown one is an error of that instance.
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

    /// The first fifteen are the first release's. A kind is written in its older form when that can say everything.
    private enum Kind: UInt8 {
        case executionStarted = 1
        case taskScheduled, taskCompleted, taskFailed, timerCreated, timerFired, timerCanceled
        case eventRaised, customStatusSet, executionSuspended, executionResumed, executionTerminated
        case executionCompleted, executionFailed, executionRewound
        case executionScheduled, executionBegun, executionContinued, taskRequested, taskStarted, messageSent
        case parentNotified, entityRequested, entityAnswered, entityStored, parentAddressed
        case taskKeyed, messageKeyed
        case cancelRequested, executionCanceled, executionCutShort, taskAbandoned
        /// Of an activity with a heartbeat limit.
        case taskWatched = 36
        case taskProgressed
    }

    private static func write(_ record: HistoryRecord, to writer: inout ByteWriter) {
        func write(_ kind: Kind, _ fields: (inout ByteWriter) -> Void) {
            writer.byte(kind.rawValue)
            writer.signed(record.time.milliseconds)
            writer.unsigned(UInt64(record.version ?? 0))
            fields(&writer)
        }
        switch record.event {
        case .executionStarted(let start) where start == ExecutionStart(name: start.name, input: start.input):
            write(.executionStarted) {
                $0.string(start.name)
                $0.string(start.input.bytes)
            }
        case .executionStarted(let start): write(.executionBegun) { $0.write(start) }
        case .executionScheduled(let start): write(.executionScheduled) { $0.write(start) }
        case .executionContinued(let start): write(.executionContinued) { $0.write(start) }
        case .taskScheduled(let task): write(kind(of: task)) { Self.write(task, as: kind(of: task), to: &$0) }
        case .taskStarted(let id): write(.taskStarted) { $0.signed(id.value) }
        case .taskProgressed(let id, let progress): write(.taskProgressed) { $0.write(id, progress) }
        case .taskCompleted(let id, let result): write(.taskCompleted) { $0.write(id, result) }
        case .taskFailed(let id, let failure):
            write(.taskFailed) {
                $0.signed(id.value)
                $0.write(failure)
            }
        case .timerCreated(let id, let fireAt):
            write(.timerCreated) {
                $0.signed(id.value)
                $0.signed(fireAt.milliseconds)
            }
        case .timerFired(let id): write(.timerFired) { $0.signed(id.value) }
        case .timerCanceled(let id): write(.timerCanceled) { $0.signed(id.value) }
        case .taskAbandoned(let id): write(.taskAbandoned) { $0.signed(id.value) }
        case .eventRaised(let name, let payload):
            write(.eventRaised) {
                $0.string(name)
                $0.string(payload.bytes)
            }
        case .messageSent(let message):
            write(message.life == 0 ? .messageSent : .messageKeyed) { Self.write(message, to: &$0) }
        case .customStatusSet(let status): write(.customStatusSet) { $0.string(status.bytes) }
        case .executionSuspended(let reason): write(.executionSuspended) { $0.string(reason.bytes) }
        case .executionResumed(let reason): write(.executionResumed) { $0.string(reason.bytes) }
        case .executionTerminated(let reason): write(.executionTerminated) { $0.string(reason.bytes) }
        case .cancelRequested(let cancellation): write(.cancelRequested) { $0.write(cancellation) }
        case .executionCanceled(let reason, let isForced):
            write(isForced ? .executionCutShort : .executionCanceled) { $0.string(reason.bytes) }
        case .executionRewound(let reason, let undone):
            write(.executionRewound) {
                $0.string(reason.bytes)
                $0.list(undone) { $0.unsigned(UInt64($1)) }
            }
        case .executionCompleted(let output): write(.executionCompleted) { $0.string(output.bytes) }
        case .executionFailed(let failure): write(.executionFailed) { $0.write(failure) }
        case .parentNotified(let address): write(.parentNotified) { $0.write(address) }
        case .parentAddressed(let address): write(.parentAddressed) { $0.write(address) }
        case .entityRequested(let request): write(.entityRequested) { $0.write(request) }
        case .entityAnswered(let address, let outcome):
            write(.entityAnswered) {
                $0.write(address)
                $0.write(outcome)
            }
        case .entityStored(let state): write(.entityStored) { $0.write(state) }
        }
    }

    private static func kind(of task: ScheduledTask) -> Kind {
        if task.timeouts.heartbeat != nil || task.progress != nil { return .taskWatched }
        if task.key.life != 0 { return .taskKeyed }
        return task.target == .activity && task.timeouts.isNone ? .taskScheduled : .taskRequested
    }

    private static func write(_ task: ScheduledTask, as kind: Kind, to writer: inout ByteWriter) {
        write(task, to: &writer)
        guard kind != .taskScheduled else { return }
        writer.write(task.target)
        writer.write(task.timeouts)
        if kind != .taskRequested { writer.unsigned(task.key.life) }
        guard kind == .taskWatched else { return }
        writer.optional(task.timeouts.heartbeat) { $0.write($1) }
        writer.optional(task.progress) { $0.string($1.bytes) }
    }

    private static func write(_ message: SentMessage, to writer: inout ByteWriter) {
        writer.signed(message.id.value)
        writer.string(message.to.value)
        writer.write(message.action)
        if message.life != 0 { writer.unsigned(message.life) }
    }

    private static func write(_ task: ScheduledTask, to writer: inout ByteWriter) {
        writer.signed(task.id.value)
        writer.string(task.name)
        writer.string(task.input.bytes)
        writer.unsigned(UInt64(task.attempt))
        writer.signed(task.key.number.rawValue)
        writer.unsigned(task.secret.high)
        writer.unsigned(task.secret.low)
    }

    private static func readRecord(from reader: inout ByteReader) throws(ByteReader.Damaged) -> HistoryRecord {
        let number = try reader.byte()
        guard let kind = Kind(rawValue: number) else {
            throw ByteReader.Damaged(description: "history event of unknown kind \(number)")
        }
        let time = try reader.timestamp()
        let version = try reader.unsigned()
        let event: HistoryEvent
        switch kind {
        case .executionStarted: event = .executionStarted(name: try reader.string(), input: try reader.payload())
        case .executionBegun: event = .executionStarted(try reader.executionStart())
        case .executionScheduled: event = .executionScheduled(try reader.executionStart())
        case .executionContinued: event = .executionContinued(try reader.executionStart())
        case .taskScheduled: event = .taskScheduled(try task(&reader))
        case .taskRequested, .taskKeyed, .taskWatched:
            var task = try task(&reader)
            task.target = try reader.taskTarget()
            task.timeouts = try reader.taskTimeouts()
            if kind != .taskRequested { task.key.life = try reader.unsigned() }
            if kind == .taskWatched {
                task.timeouts.heartbeat = try reader.optional { (reader) throws(ByteReader.Damaged) in
                    try reader.duration()
                }
                task.progress = try reader.optional { (reader) throws(ByteReader.Damaged) in try reader.payload() }
            }
            event = .taskScheduled(task)
        case .taskStarted: event = .taskStarted(try reader.taskID())
        case .taskProgressed: event = .taskProgressed(try reader.taskID(), try reader.payload())
        case .taskCompleted: event = .taskCompleted(try reader.taskID(), result: try reader.payload())
        case .taskFailed: event = .taskFailed(try reader.taskID(), try reader.failure())
        case .timerCreated: event = .timerCreated(try reader.taskID(), fireAt: try reader.timestamp())
        case .timerFired: event = .timerFired(try reader.taskID())
        case .timerCanceled: event = .timerCanceled(try reader.taskID())
        case .taskAbandoned: event = .taskAbandoned(try reader.taskID())
        case .eventRaised: event = .eventRaised(name: try reader.string(), try reader.payload())
        case .messageSent, .messageKeyed:
            event = .messageSent(
                SentMessage(
                    id: try reader.taskID(),
                    to: try reader.instanceID(),
                    action: try reader.commandAction(),
                    life: kind == .messageKeyed ? try reader.unsigned() : 0
                )
            )
        case .customStatusSet: event = .customStatusSet(try reader.payload())
        case .executionSuspended: event = .executionSuspended(reason: try reader.payload())
        case .executionResumed: event = .executionResumed(reason: try reader.payload())
        case .executionTerminated: event = .executionTerminated(reason: try reader.payload())
        case .cancelRequested: event = .cancelRequested(try reader.cancellation())
        case .executionCanceled: event = .executionCanceled(reason: try reader.payload(), isForced: false)
        case .executionCutShort: event = .executionCanceled(reason: try reader.payload(), isForced: true)
        case .executionRewound:
            event = .executionRewound(
                reason: try reader.payload(),
                undone: try reader.list { (reader) throws(ByteReader.Damaged) in Int(clamping: try reader.unsigned()) }
            )
        case .executionCompleted: event = .executionCompleted(output: try reader.payload())
        case .executionFailed: event = .executionFailed(try reader.failure())
        case .parentNotified: event = .parentNotified(try reader.taskAddress())
        case .parentAddressed: event = .parentAddressed(try reader.taskAddress())
        case .entityRequested: event = .entityRequested(try reader.entityRequest())
        case .entityAnswered: event = .entityAnswered(try reader.taskAddress(), try reader.outcome())
        case .entityStored: event = .entityStored(try reader.entityState())
        }
        return HistoryRecord(event, time: time, version: version == 0 ? nil : Int64(truncatingIfNeeded: version))
    }

    private static func task(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> ScheduledTask {
        ScheduledTask(
            id: try reader.taskID(),
            name: try reader.string(),
            input: try reader.payload(),
            attempt: Int(truncatingIfNeeded: try reader.unsigned()),
            key: TaskKey(OutboundNumber(rawValue: try reader.signed()), life: 0),
            secret: TaskSecret(high: try reader.unsigned(), low: try reader.unsigned())
        )
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ task: TaskID, _ value: Payload) {
        signed(task.value)
        string(value.bytes)
    }
}
