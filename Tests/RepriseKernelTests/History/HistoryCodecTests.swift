import RepriseKernel
import Testing

@Suite("History is read as it was written, or not at all")
struct HistoryCodecTests {
    private static let failure = Failure(
        type: "PaymentRefused",
        message: "größe 🚂\n",
        details: "line 1\nline 2",
        isNonRetriable: true,
        cause: Failure(type: "Timeout", message: "", cause: Failure(type: "", message: "eof", details: ""))
    )

    /// One of every kind, with the values at the edges.
    static let everyEvent: [HistoryEvent] = [
        .executionStarted(name: "Order", input: .string("in")),
        .taskScheduled(
            ScheduledTask(
                id: TaskID(1),
                name: "Charge",
                input: .null,
                attempt: 1,
                key: 9,
                secret: TaskSecret(high: .max, low: 0)
            )
        ),
        .taskScheduled(
            ScheduledTask(
                id: TaskID(.max),
                name: "",
                input: .null,
                attempt: .max,
                key: TaskKey(.max, life: 0),
                secret: TaskSecret(high: 1, low: .max)
            )
        ),
        .taskCompleted(TaskID(1), result: Payload(trusted: [])),
        .taskCompleted(TaskID(.min), result: Payload(trusted: Array(repeating: 0xFF, count: 300))),
        .taskFailed(TaskID(2), failure),
        .timerCreated(TaskID(3), fireAt: Timestamp(milliseconds: .max)),
        .timerFired(TaskID(3)),
        .timerCanceled(TaskID(4)),
        .eventRaised(name: "Approval", .string("yes")),
        .customStatusSet(.string("half way")),
        .executionSuspended(reason: .null),
        .executionResumed(reason: .null),
        .executionTerminated(reason: .string("enough")),
        .cancelRequested(Cancellation(reason: .string("enough"), grace: .seconds(1), children: true)),
        .cancelRequested(Cancellation(reason: .null, grace: .zero, deadline: Timestamp(milliseconds: .max))),
        .executionCanceled(reason: .string("enough"), isForced: false),
        .executionCanceled(reason: .null, isForced: true),
        .taskAbandoned(TaskID(5)),
        .taskProgressed(TaskID(5), .string("half")),
        .taskScheduled(watched),
        .executionCompleted(output: .string("out")),
        .executionFailed(Failure(type: "T", message: "m")),
        .executionRewound(reason: .string("again"), undone: []),
        .executionRewound(reason: .null, undone: [0, 3, 70_000]),
        .taskScheduled(
            ScheduledTask(
                id: TaskID(2),
                name: "Ship",
                input: .null,
                target: .orchestration(InstanceID(trusted: "c"), version: "1", tags: [:], takesUp: true),
                timeouts: TaskTimeouts(startToClose: .seconds(1)),
                attempt: 2,
                key: TaskKey(9, life: .max),
                secret: TaskSecret(high: 0, low: 1)
            )
        ),
        .messageSent(SentMessage(id: TaskID(0), to: InstanceID(trusted: "x"), action: .purge, life: 7)),
    ]

    private static let watched = {
        var task = ScheduledTask(
            id: TaskID(1),
            name: "S",
            input: .null,
            timeouts: TaskTimeouts(heartbeat: .seconds(5)),
            attempt: 2,
            key: TaskKey(9, life: 3),
            secret: TaskSecret(high: 0, low: 1)
        )
        task.progress = .null
        return task
    }()

    static let everyRecord = everyEvent.enumerated().map { index, event in
        HistoryRecord(
            event,
            time: Timestamp(milliseconds: [0, 1_700_000_000_000, .max, -1][index % 4]),
            version: [nil, 1, .max][index % 3]
        )
    }

    @Test("Every event comes back, alone and in a run")
    func roundTrip() throws {
        for record in Self.everyRecord {
            #expect(try HistoryCodec.decode(HistoryCodec.encode([record])) == [record])
        }
        #expect(try HistoryCodec.decode(HistoryCodec.encode(Self.everyRecord)) == Self.everyRecord)
        #expect(try HistoryCodec.decode(HistoryCodec.encode([HistoryRecord]())) == [])
    }

    /// Written by the first release. Never edit: journals in the world hold these bytes.
    @Test("The form of a record is forever")
    func golden() throws {
        let record = HistoryRecord(
            .taskCompleted(TaskID(5), result: .null),
            time: Timestamp(milliseconds: 1_000),
            version: 2
        )
        let bytes = HistoryCodec.encode([record])
        #expect(DerivedIdentity.hex(bytes.dropLast(8)) == "0103d00f020a046e756c6c")
        #expect(DerivedIdentity.hex(bytes.suffix(8)) == "a597d1f06a2f8f3d")
    }

    @Test("So is that of a task with a heartbeat limit, and of its progress")
    func goldenHeartbeat() throws {
        let events: [HistoryEvent] = [.taskScheduled(Self.watched), .taskProgressed(TaskID(1), .null)]
        let records = events.map { HistoryRecord($0, time: Timestamp(milliseconds: 1)) }
        #expect(
            DerivedIdentity.hex(HistoryCodec.encode(records).dropLast(8))
                == "01240200020153046e756c6c0212000100000003010a0001046e756c6c25020002046e756c6c"
        )
    }

    @Test("A rewind's form is forever too")
    func goldenRewind() throws {
        let record = HistoryRecord(
            .executionRewound(reason: .null, undone: [1, 300]),
            time: Timestamp(milliseconds: 1)
        )
        #expect(DerivedIdentity.hex(HistoryCodec.encode([record]).dropLast(8)) == "010f0200046e756c6c0201ac02")
    }

    @Test("And so is that of a cancellation")
    func goldenCancellation() throws {
        func hex(_ event: HistoryEvent) -> String {
            let record = HistoryRecord(event, time: Timestamp(milliseconds: 1), version: 2)
            return DerivedIdentity.hex(HistoryCodec.encode([record]).dropLast(8))
        }
        let cancellation = Cancellation(reason: .null, grace: .seconds(60), deadline: Timestamp(milliseconds: 3))
        #expect(hex(.cancelRequested(cancellation)) == "011d0202" + "046e756c6c" + "780000" + "0106")
        #expect(hex(.executionCanceled(reason: .null, isForced: false)) == "011e0202" + "046e756c6c")
        #expect(hex(.executionCanceled(reason: .null, isForced: true)) == "011f0202" + "046e756c6c")
        #expect(hex(.taskAbandoned(TaskID(1))) == "01200202" + "02")
    }

    @Test("The keys of the first release are read as they were given, and written so")
    func goldenKey() throws {
        let task = ScheduledTask(
            id: TaskID(1),
            name: "A",
            input: .null,
            attempt: 1,
            key: 9,
            secret: TaskSecret(high: 2, low: 3)
        )
        let record = HistoryRecord(.taskScheduled(task), time: Timestamp(milliseconds: 1))
        #expect(
            DerivedIdentity.hex(HistoryCodec.encode([record]).dropLast(8)) == "010202000201" + "41046e756c6c01120203"
        )
        #expect(task.key.text(try HubName("u"), PartitionNumber(3)) == "u.3.9")
        #expect(TaskKey(9, life: 255).text(try HubName("u"), PartitionNumber(3)) == "u.3.00000000000000ff.9")
    }

    @Test("Every truncation throws")
    func truncations() {
        let bytes = HistoryCodec.encode(Self.everyRecord)
        for count in 0..<bytes.count {
            #expect(throws: ByteReader.Damaged.self) { try HistoryCodec.decode(Array(bytes.prefix(count))) }
        }
    }

    @Test("Every single flipped bit throws")
    func flippedBits() {
        var bytes = HistoryCodec.encode(Self.everyRecord.prefix(8))
        for bit in 0..<(bytes.count * 8) {
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: ByteReader.Damaged.self) { try HistoryCodec.decode(bytes) }
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
    }

    /// Behind a checksum that fits: bytes of a later release, or of anyone who can write the file. They may decode to
    /// something else, and must not trap.
    @Test("Whatever the bytes are, reading them ends")
    func resealed() {
        let body = Array(HistoryCodec.encode(Self.everyRecord).dropLast(8))
        var thrown = 0
        func read(_ body: [UInt8]) { do { _ = try HistoryCodec.decode(Self.sealed(body)) } catch { thrown += 1 } }
        for count in 0..<body.count { read(Array(body.prefix(count))) }
        for at in body.indices {
            for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = body
                changed[at] = value
                read(changed)
            }
        }
        #expect(thrown > 500)
    }

    @Test("An unknown kind and an unknown version are named")
    func unknown() {
        let kind = #expect(throws: ByteReader.Damaged.self) { try HistoryCodec.decode(Self.sealed([1, 99, 0, 0])) }
        #expect(kind?.description == "history event of unknown kind 99")
        let version = #expect(throws: ByteReader.Damaged.self) { try HistoryCodec.decode(Self.sealed([2])) }
        #expect(version?.description == "history format 2, this program knows 1")
    }

    @Test("A chain of causes is cut when written, and is damage when read longer")
    func causes() throws {
        var failure = Failure(type: "0", message: "")
        for number in 1...100 { failure = Failure(type: "\(number)", message: "", cause: failure) }
        let record = HistoryRecord(.executionFailed(failure), time: .zero)
        let decoded = try HistoryCodec.decode(HistoryCodec.encode([record]))
        guard case .executionFailed(let read) = decoded.first?.event else {
            Issue.record("not a failure")
            return
        }
        var depth = 0
        var next = read.cause
        while let cause = next {
            depth += 1
            next = cause.cause
        }
        #expect(depth == 32)
        var endless: [UInt8] = [1, 14, 0, 0]
        for _ in 0..<100_000 { endless += [0, 0, 4] }
        #expect(throws: ByteReader.Damaged.self) { try HistoryCodec.decode(Self.sealed(endless)) }
    }

    /// `body` with the checksum that belongs to it.
    private static func sealed(_ body: [UInt8]) -> [UInt8] {
        var checksum = FNV1a()
        checksum.combine(body)
        return body + (0..<8).map { UInt8(truncatingIfNeeded: checksum.value >> (UInt64($0) * 8)) }
    }
}
