import RepriseKernel

/// The binary form of answers to questions, between programs of Reprise.
enum AnswerCodec {
    private static let version: UInt8 = 2
    /// Without what instances were given at their start.
    private static let firstVersion: UInt8 = 1
    private enum Kind: UInt8 {
        case status = 1
        case noStatus = 2
        case instances = 3
        case health = 4
    }

    static func encode(_ answer: Answer) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(version)
        switch answer {
        case .status(let status?, let history):
            writer.byte(Kind.status.rawValue)
            write(status, to: &writer)
            writer.string(HistoryCodec.encode(history))
            // At the end: earlier releases read no further.
            guard status.waitingFor != nil || !status.unreadEvents.isEmpty else { break }
            writer.list(status.waitingFor ?? []) { $0.string($1) }
            guard !status.unreadEvents.isEmpty else { break }
            writer.bool(status.waitingFor != nil)
            writer.list(status.unreadEvents) { writer, event in
                writer.string(event.name)
                writer.signed(event.time.milliseconds)
            }
        case .status(nil, _):
            writer.byte(Kind.noStatus.rawValue)
        case .instances(let page):
            writer.byte(Kind.instances.rawValue)
            writer.signed(page.sequence.rawValue)
            writer.bool(page.next != nil)
            writer.signed(page.next?.rawValue ?? 0)
            for status in page.statuses { write(status, to: &writer) }
        case .health(let health):
            writer.byte(Kind.health.rawValue)
            write(health, to: &writer)
        case .accepted, .counted, .rejected, .changes:
            // These travel as JSON; an empty answer reads as damaged.
            break
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ByteReader.Damaged) -> Answer {
        var reader = ByteReader(bytes)
        let found = try reader.byte()
        guard found == version || found == firstVersion else {
            throw ByteReader.Damaged(description: "an answer of format \(found), this program knows \(version)")
        }
        let number = try reader.byte()
        switch Kind(rawValue: number) {
        case .status:
            var status = try readStatus(&reader, version: found)
            let history = try HistoryCodec.decode(try reader.content())
            if !reader.isAtEnd {
                status.waitingFor = try reader.list { (reader) throws(ByteReader.Damaged) in try reader.string() }
            }
            if !reader.isAtEnd {
                if try !reader.bool() { status.waitingFor = nil }
                status.unreadEvents = try reader.list { (reader) throws(ByteReader.Damaged) in
                    UnreadEvent(name: try reader.string(), time: Timestamp(milliseconds: try Self.number(&reader)))
                }
            }
            return .status(status, history: history)
        case .noStatus:
            return .status(nil, history: [])
        case .instances:
            let sequence: StatusSequenceNumber = try Self.number(&reader)
            let hasNext = try reader.bool()
            let next: InstanceKey = try Self.number(&reader)
            var statuses: [InstanceStatus] = []
            while !reader.isAtEnd { statuses.append(try readStatus(&reader, version: found)) }
            return .instances(InstancePage(statuses: statuses, next: hasNext ? next : nil, sequence: sequence))
        case .health:
            return .health(try readHealth(&reader))
        case nil:
            throw ByteReader.Damaged(description: "an answer of unknown kind \(number)")
        }
    }

    // MARK: Statuses

    private static func write(_ status: InstanceStatus, to writer: inout ByteWriter) {
        writer.string(status.instance.value)
        writer.string(status.name)
        writer.signed(status.incarnation.rawValue)
        writer.signed(status.version)
        writer.string(status.runtimeStatus.rawValue)
        writer.string(status.input.bytes)
        writer.string(status.customStatus.bytes)
        writer.string(status.output.bytes)
        writer.string(status.failure.map(FailureJSON.encode) ?? [])
        writer.signed(status.createdTime.milliseconds)
        writer.signed(status.lastUpdatedTime.milliseconds)
        writer.signed(Int64(status.partition.value))
        writer.signed(status.sequence.rawValue)
        writer.write(status.traits)
    }

    private static func readStatus(
        _ reader: inout ByteReader,
        version: UInt8
    ) throws(ByteReader.Damaged) -> InstanceStatus {
        InstanceStatus(
            instance: InstanceID(trusted: try reader.string()),
            name: try reader.string(),
            incarnation: Incarnation(rawValue: try number(&reader)),
            version: try number(&reader),
            runtimeStatus: try runtimeStatus(&reader),
            input: try payload(&reader),
            customStatus: try payload(&reader),
            output: try payload(&reader),
            failure: try failure(&reader),
            createdTime: Timestamp(milliseconds: try number(&reader)),
            lastUpdatedTime: Timestamp(milliseconds: try number(&reader)),
            partition: PartitionNumber(Int(clamping: try number(&reader))),
            sequence: try number(&reader),
            traits: version == firstVersion ? InstanceTraits() : try reader.instanceTraits()
        )
    }

    /// Readers use an answer's numbers in arithmetic, and anyone may have written it.
    private static func number(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> Int64 {
        guard let number = OutsideNumber(try reader.signed()) else {
            throw ByteReader.Damaged(description: "a number that no hub has")
        }
        return number.value
    }

    private static func number<Number: DomainNumber>(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> Number {
        Number(rawValue: try number(&reader))
    }

    private static func runtimeStatus(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> RuntimeStatus {
        let text = try reader.string()
        guard let status = RuntimeStatus(rawValue: text) else {
            throw ByteReader.Damaged(description: "an unknown runtime status")
        }
        return status
    }

    private static func payload(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> Payload {
        do {
            return try Payload(checking: try reader.content())
        } catch let error as ByteReader.Damaged {
            throw error
        } catch {
            throw ByteReader.Damaged(description: "a value that is not JSON")
        }
    }

    private static func failure(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> Failure? {
        let bytes = try reader.content()
        guard !bytes.isEmpty else { return nil }
        do {
            return FailureJSON.decode(try Payload(checking: bytes), otherwise: "")
        } catch {
            throw ByteReader.Damaged(description: "a failure that is not JSON")
        }
    }

    // MARK: Health

    private static func write(_ health: PartitionHealth, to writer: inout ByteWriter) {
        writer.signed(Int64(health.partition.value))
        writer.string(health.node)
        writer.string(health.journal.rawValue)
        let numbers = [health.epoch.rawValue, health.commits.rawValue, health.sequence.rawValue, health.instances]
        for number in numbers { writer.signed(number) }
        for number in [health.liveSessions, health.unconfirmed, health.retrying, health.armedTimers] {
            writer.signed(Int64(number))
        }
        writer.signed(health.droppedResults)
        // At the end: earlier releases read no further.
        writer.signed(Int64(health.changedInputs))
        writer.signed(health.clockDifference.wholeMilliseconds)
        guard health.retryReason != nil || health.work != nil else { return }
        writer.string(health.retryReason ?? "")
        guard let work = health.work else { return }
        for count in [work.commits, work.events, work.replays, work.refusals, work.quarantined] { writer.signed(count) }
        for time in [work.committing, work.longestCommit, work.longestReplay] { writer.signed(time.wholeMicroseconds) }
        writer.signed(Int64(health.awaitingEvents))
    }

    private static func readHealth(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> PartitionHealth {
        var health = PartitionHealth(
            partition: PartitionNumber(Int(clamping: try number(&reader))),
            node: try reader.string(),
            journal: JournalID(rawValue: try reader.string()),
            epoch: try number(&reader),
            commits: try number(&reader),
            sequence: try number(&reader),
            instances: try number(&reader),
            liveSessions: Int(clamping: try number(&reader)),
            unconfirmed: Int(clamping: try number(&reader)),
            retrying: Int(clamping: try number(&reader)),
            armedTimers: Int(clamping: try number(&reader)),
            droppedResults: try number(&reader),
            changedInputs: reader.isAtEnd ? 0 : Int(clamping: try number(&reader))
        )
        guard !reader.isAtEnd else { return health }
        guard let difference = OutsideNumber.time(milliseconds: try reader.signed()) else {
            throw ByteReader.Damaged(description: "a clock that no machine has")
        }
        health.clockDifference = .milliseconds(difference.milliseconds)
        guard !reader.isAtEnd else { return health }
        let reason = try reader.string()
        health.retryReason = reason.isEmpty ? nil : reason
        if !reader.isAtEnd { health.work = try readWork(&reader) }
        if !reader.isAtEnd { health.awaitingEvents = Int(clamping: try number(&reader)) }
        return health
    }

    private static func readWork(_ reader: inout ByteReader) throws(ByteReader.Damaged) -> PartitionWork {
        var work = PartitionWork()
        work.commits = try number(&reader)
        work.events = try number(&reader)
        work.replays = try number(&reader)
        work.refusals = try number(&reader)
        work.quarantined = try number(&reader)
        work.committing = .microseconds(try number(&reader) as Int64)
        work.longestCommit = .microseconds(try number(&reader) as Int64)
        work.longestReplay = .microseconds(try number(&reader) as Int64)
        return work
    }
}
