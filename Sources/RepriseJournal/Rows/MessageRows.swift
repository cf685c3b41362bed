import RepriseEngine
import RepriseKernel

// Messages that came and cannot be used yet, that were accepted before, that leave and are in no history.

extension HeldRow: StoredRow {
    static let table = "held"
    static let columns = ["position", "instance", "name", "payload", "messageID", "until", "original"]

    func write(to row: inout RowWriter) {
        row.integer(position)
        row.text(instance.value)
        row.text(name)
        row.blob(payload.bytes)
        row.text(messageID)
        row.integer(until.milliseconds)
        row.blob(original)
    }

    init(from row: inout RowReader) {
        self.init(
            position: row.number(),
            instance: InstanceID(trusted: row.text()),
            name: row.text(),
            payload: Payload(trusted: row.blob()),
            messageID: row.optionalText(),
            until: Timestamp(milliseconds: row.integer()),
            original: row.blob()
        )
    }
}

extension SeenRow: StoredRow {
    static let table = "seen"
    static let columns = ["key", "fingerprint", "time"]

    func write(to row: inout RowWriter) {
        row.blob(key)
        row.integer(Int64(bitPattern: fingerprint))
        row.integer(time.milliseconds)
    }

    init(from row: inout RowReader) {
        self.init(
            key: row.blob(),
            fingerprint: UInt64(bitPattern: row.integer()),
            time: Timestamp(milliseconds: row.integer())
        )
    }
}

extension InlineRow: StoredRow {
    static let table = "inline"
    static let columns = ["number", "message"]

    func write(to row: inout RowWriter) {
        row.integer(number)
        row.blob(message)
    }

    init(from row: inout RowReader) {
        self.init(number: row.number(), message: row.blob())
    }
}

extension RetryRow: StoredRow {
    static let table = "retries"
    static let columns = ["number", "position", "attempts", "due", "reason"]

    func write(to row: inout RowWriter) {
        row.integer(number)
        row.integer(position)
        row.integer(isSentAgain ? -Int64(attempts) : Int64(attempts))
        row.integer(due.milliseconds)
        row.text(reason)
    }

    init(from row: inout RowReader) {
        let (number, position): (OutboundNumber, HistoryPosition) = (row.number(), row.number())
        let attempts = row.integer()
        self.init(
            number: number,
            position: position,
            attempts: Int(attempts.magnitude),
            // What was refused has one attempt at least.
            isSentAgain: attempts <= 0,
            due: Timestamp(milliseconds: row.integer()),
            reason: row.text()
        )
    }
}
