import RepriseKernel

/// An outbound message that is in no history.
enum InlineMessage: Equatable {
    case deadLetter(DeadLetter)
    /// The sequence is given with the commit.
    case purged(PurgeNotice)
    /// To another instance, from no instance whose history could contain it. The life is given with the commit.
    case command(InstanceID, Command.Action, life: UInt64 = 0)
    case result(TaskResult)
}

/// The notice that an instance was purged: everything the status message needs once the row is gone.
struct PurgeNotice: Equatable {
    var instance: InstanceID
    var name: String
    var incarnation: Incarnation
    var version: Int64
    var sequence: StatusSequenceNumber
    var time: Timestamp
    var createdTime: Timestamp
}

/// The journal's form of inline messages.
enum InlineCodec {
    static func encode(_ message: InlineMessage) -> [UInt8] {
        var writer = ByteWriter()
        switch message {
        case .deadLetter(let letter):
            writer.byte(1)
            writer.string(letter.reason)
            writer.string(letter.code.rawValue)
            writer.string(letter.original)
        case .command(let instance, let action, let life):
            writer.byte(5)
            writer.string(instance.value)
            writer.write(action)
            writer.unsigned(life)
        case .result(let result):
            writer.byte(4)
            writer.write(TaskAddress(instance: result.instance, token: result.token))
            writer.write(result.outcome)
        case .purged(let notice):
            writer.byte(2)
            writer.string(notice.instance.value)
            writer.string(notice.name)
            for number in [
                notice.incarnation.rawValue, notice.version, notice.sequence.rawValue, notice.time.milliseconds,
                notice.createdTime.milliseconds,
            ] { writer.signed(number) }
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ByteReader.Damaged) -> InlineMessage {
        var reader = ByteReader(bytes)
        switch try reader.byte() {
        case 1:
            let reason = try reader.string()
            let code = Rejection.Code(rawValue: try reader.string()) ?? .invalid
            return .deadLetter(DeadLetter(reason: reason, code: code, original: try reader.content()))
        case 2:
            return .purged(
                PurgeNotice(
                    instance: InstanceID(trusted: try reader.string()),
                    name: try reader.string(),
                    incarnation: Incarnation(rawValue: try reader.signed()),
                    version: try reader.signed(),
                    sequence: StatusSequenceNumber(rawValue: try reader.signed()),
                    time: Timestamp(milliseconds: try reader.signed()),
                    createdTime: Timestamp(milliseconds: try reader.signed())
                )
            )
        case 3:
            return .command(try reader.instanceID(), try reader.commandAction())
        case 5:
            return .command(try reader.instanceID(), try reader.commandAction(), life: try reader.unsigned())
        case 4:
            let address = try reader.taskAddress()
            return .result(
                TaskResult(instance: address.instance, token: address.token, outcome: try reader.outcome())
            )
        case let kind:
            throw ByteReader.Damaged(description: "an outbound message of unknown kind \(kind)")
        }
    }
}
