import RepriseEngine
import RepriseKernel

// What belongs to one instance.

extension InstanceRow: StoredRow {
    static let table = "instances"
    var label: String { "the row of instance \(key)" }
    static let columns = [
        "key", "id", "name", "incarnation", "runtimeStatus", "version", "sequence", "createdTime", "lastUpdatedTime",
        "firstPosition", "lastPosition", "customStatusPosition", "endPosition", "hiddenThrough",
    ]

    /// Leaves the indexed columns alone, so that a turn writes only the instance's row.
    static let updateInPlace =
        "UPDATE instances SET \(assignments(but: ["key", "id", "hiddenThrough"])) "
        + "WHERE \(condition("key")) AND \(condition("id")) AND \(condition("hiddenThrough", "IS"))"

    func write(to row: inout RowWriter) {
        row.integer(key)
        row.text(id.value)
        row.text(name)
        row.integer(incarnation)
        row.text(runtimeStatus.rawValue)
        row.integer(version)
        row.integer(sequence)
        row.integer(createdTime.milliseconds)
        row.integer(lastUpdatedTime.milliseconds)
        row.integer(firstPosition)
        row.integer(lastPosition)
        row.integer(customStatusPosition)
        row.integer(endPosition)
        row.integer(hiddenThrough)
    }

    init(from row: inout RowReader) throws {
        let key: InstanceKey = row.number()
        let id = InstanceID(trusted: row.text())
        let name = row.text()
        let incarnation: Incarnation = row.number()
        guard let runtimeStatus = RuntimeStatus(rawValue: row.text()) else {
            throw Damage("the row of instance \(key) is damaged: its status is unknown")
        }
        self.init(
            key: key,
            id: id,
            name: name,
            incarnation: incarnation,
            runtimeStatus: runtimeStatus,
            version: row.integer(),
            sequence: row.number(),
            createdTime: Timestamp(milliseconds: row.integer()),
            lastUpdatedTime: Timestamp(milliseconds: row.integer()),
            firstPosition: row.number(),
            lastPosition: row.number(),
            customStatusPosition: row.number(),
            endPosition: row.number(),
            hiddenThrough: row.optionalNumber()
        )
    }
}

extension HistoryRow: StoredRow {
    static let table = "history"
    var label: String { "the history of instance \(instance) at position \(position)" }
    static let columns = ["position", "instance", "previous", "firstOutbound", "firstSequence", "records"]

    func write(to row: inout RowWriter) {
        row.integer(position)
        row.integer(instance)
        row.integer(previous)
        row.integer(firstOutbound)
        row.integer(firstSequence)
        row.blob(records)
    }

    init(from row: inout RowReader) {
        self.init(
            position: row.number(),
            instance: row.number(),
            previous: row.number(),
            firstOutbound: row.number(),
            firstSequence: row.number(),
            records: row.blob()
        )
    }
}
