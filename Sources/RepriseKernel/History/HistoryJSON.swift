/// One incarnation's history, exported from its hub: everything needed to replay it elsewhere, and nothing of the
/// broker.
package struct RecordedHistory: Equatable, Sendable {
    package var instance: InstanceID
    package var incarnation: Incarnation
    package var records: [HistoryRecord]

    package init(instance: InstanceID, incarnation: Incarnation, records: [HistoryRecord]) {
        self.instance = instance
        self.incarnation = incarnation
        self.records = records
    }
}

/// A history as a file that people read and a replay reads back whole: JSON, one event a line, nothing left out.
///
/// ```json
/// {"format":"reprise-history","formatVersion":1,"instance":"trip-1","incarnation":7,"events":[
/// {"event":"ExecutionStarted","time":"2026-11-24T18:30:00.123Z","statusVersion":1,"name":"Trip","input":2},
/// {"event":"TaskScheduled","time":"2026-11-24T18:30:00.123Z","task":1,"name":"Book","input":null,…},
/// ```
/// Payloads are kept byte for byte, except for the space around them. Names and kinds never change: a reader ignores
/// fields that it does not know, and treats an unknown kind of event as an error. An export may contain secrets:
/// inputs, results, and the tokens of tasks that are still open.
package enum HistoryJSON {
    private static let format = "reprise-history"
    private static let formatVersion: Int64 = 1
    /// Payloads are nested a few levels deep, and a failure's causes within each other.
    private static let maximumDepth = JSONCheck.maximumDepth + 2 * ByteReader.maximumCauses

    /// What is wrong with a file, and where: `event 3: there is no 'task'`.
    package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String
        init(_ description: String) { self.description = description }
    }

    package static func encode(_ history: RecordedHistory) -> [UInt8] {
        var object = JSONObject()
        object.add("format", format)
        object.add("formatVersion", formatVersion)
        object.add("instance", history.instance.value)
        object.add("incarnation", history.incarnation.rawValue)
        object.add("events", lines: history.records.map(record))
        return object.bytes
    }

    package static func decode(_ bytes: [UInt8]) throws(Problem) -> RecordedHistory {
        let view: JSONView
        do {
            view = try JSONView(checking: bytes, maximumDepth: maximumDepth)
        } catch {
            throw Problem(error.description)
        }
        let fields = try JSONFields(view, at: "the history")
        guard fields.value("format")?.text == format else {
            throw Problem("this is not a history: its 'format' is not '\(format)'")
        }
        let version = try fields.integer("formatVersion")
        guard version == formatVersion else {
            throw Problem("this history has the format version \(version), this program knows \(formatVersion)")
        }
        guard let events = fields.value("events")?.elements else { throw fields.missing("events", "an array") }
        var records: [HistoryRecord] = []
        records.reserveCapacity(events.count)
        for (index, event) in events.enumerated() {
            records.append(try record(try JSONFields(event, at: "event \(index + 1)")))
        }
        return RecordedHistory(
            instance: try fields.instance("instance"),
            incarnation: Incarnation(rawValue: try fields.integer("incarnation")),
            records: records
        )
    }

    // MARK: One record

    private static func record(_ record: HistoryRecord) -> JSONObject {
        var object = JSONObject()
        object.add("event", record.event.facts.word)
        object.add("time", record.time)
        if let version = record.version { object.add("statusVersion", version) }
        object.addFields(of: record.event)
        return object
    }

    private static func record(_ fields: JSONFields) throws(Problem) -> HistoryRecord {
        HistoryRecord(
            try event(try fields.text("event"), fields),
            time: try fields.time("time"),
            version: try fields.integerIfGiven("statusVersion")
        )
    }

    private static func event(_ word: String, _ fields: JSONFields) throws(Problem) -> HistoryEvent {
        switch word {
        case "ExecutionScheduled": .executionScheduled(try fields.executionStart())
        case "ExecutionStarted": .executionStarted(try fields.executionStart())
        case "TaskStarted": .taskStarted(try fields.task("task"))
        case "TaskProgressed": .taskProgressed(try fields.task("task"), try fields.payload("progress"))
        case "TaskCompleted": .taskCompleted(try fields.task("task"), result: try fields.payload("result"))
        case "TaskFailed": .taskFailed(try fields.task("task"), try fields.fields("failure").failure())
        case "TimerFired": .timerFired(try fields.task("task"))
        case "EventRaised": .eventRaised(name: try fields.text("name"), try fields.payload("payload"))
        case "ExecutionSuspended": .executionSuspended(reason: try fields.payload("reason"))
        case "ExecutionResumed": .executionResumed(reason: try fields.payload("reason"))
        case "ExecutionTerminated": .executionTerminated(reason: try fields.payload("reason"))
        case "CancelRequested": .cancelRequested(try fields.cancellation())
        case "ExecutionCanceled":
            .executionCanceled(reason: try fields.payload("reason"), isForced: try fields.flag("forced"))
        case "ExecutionRewound":
            .executionRewound(reason: try fields.payload("reason"), undone: try fields.integers("undone"))
        case "TaskScheduled": .taskScheduled(try fields.scheduledTask())
        case "TimerCreated": .timerCreated(try fields.task("task"), fireAt: try fields.time("fireAt"))
        case "TimerCanceled": .timerCanceled(try fields.task("task"))
        case "TaskAbandoned": .taskAbandoned(try fields.task("task"))
        case "MessageSent":
            .messageSent(
                SentMessage(
                    id: try fields.task("task"),
                    to: try fields.instance("to"),
                    action: try fields.action(),
                    life: try fields.life()
                )
            )
        case "CustomStatusSet": .customStatusSet(try fields.payload("status"))
        case "ExecutionCompleted": .executionCompleted(output: try fields.payload("output"))
        case "ExecutionFailed": .executionFailed(try fields.fields("failure").failure())
        case "ExecutionContinued": .executionContinued(try fields.executionStart())
        case "ParentNotified": .parentNotified(try fields.taskAddress())
        case "ParentAddressed": .parentAddressed(try fields.taskAddress())
        case "EntityRequested": .entityRequested(try fields.entityRequest())
        case "EntityAnswered": .entityAnswered(try fields.taskAddress(), try fields.outcome())
        case "EntityStored": .entityStored(try fields.entityState())
        default: throw fields.problem("an event of the kind '\(word.prefix(60))' is not known to this program")
        }
    }
}

extension JSONObject {
    fileprivate mutating func addFields(of event: HistoryEvent) {
        switch event {
        case .executionScheduled(let start), .executionStarted(let start), .executionContinued(let start): add(start)
        case .taskStarted(let id), .timerFired(let id), .timerCanceled(let id), .taskAbandoned(let id):
            add("task", id.value)
        case .taskProgressed(let id, let progress):
            add("task", id.value)
            add("progress", progress)
        case .taskCompleted(let id, let result):
            add("task", id.value)
            add("result", result)
        case .taskFailed(let id, let failure):
            add("task", id.value)
            add("failure", JSONObject(failure))
        case .eventRaised(let name, let payload):
            add("name", name)
            add("payload", payload)
        case .executionSuspended(let reason), .executionResumed(let reason), .executionTerminated(let reason):
            add("reason", reason)
        case .cancelRequested(let cancellation): add(cancellation)
        case .executionCanceled(let reason, let isForced):
            add("reason", reason)
            if isForced { add("forced", true) }
        case .executionRewound(let reason, let undone):
            add("reason", reason)
            add("undone", undone)
        case .taskScheduled(let task): add(task)
        case .timerCreated(let id, let fireAt):
            add("task", id.value)
            add("fireAt", fireAt)
        case .messageSent(let message):
            add("task", message.id.value)
            add("to", message.to.value)
            add(message.action)
            if message.life != 0 { add("life", DerivedIdentity.hex(message.life)) }
        case .customStatusSet(let status): add("status", status)
        case .executionCompleted(let output): add("output", output)
        case .executionFailed(let failure): add("failure", JSONObject(failure))
        case .parentNotified(let address), .parentAddressed(let address): add(address)
        case .entityRequested(let request): add(request)
        case .entityAnswered(let address, let outcome):
            add(address)
            add(outcome)
        case .entityStored(let state): add(state)
        }
    }
}
