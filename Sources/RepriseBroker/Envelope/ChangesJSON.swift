import RepriseKernel

/// The changes of an instance, for readers in any language that missed them: the bodies of the status messages, by
/// version. `version` is what earlier releases call it; elsewhere that is the orchestrator's.
enum ChangesJSON {
    static func encode(_ page: ChangePage) -> [UInt8] {
        let status = page.status
        let changes = page.messages.map { message -> [UInt8] in
            object([
                ("type", text(message.kind.rawValue)), ("statusVersion", number(message.version)),
                ("version", number(message.version)),
                ("time", number(message.time.milliseconds)),
                ("body", message.failure.map(FailureJSON.encode) ?? message.payload.bytes),
            ])
        }
        return object([
            ("instanceId", text(status.instance.value)), ("name", text(status.name)),
            ("incarnation", number(status.incarnation.rawValue)), ("statusVersion", number(status.version)),
            ("version", number(status.version)),
            ("runtimeStatus", text(status.runtimeStatus.rawValue)),
            ("changes", [UInt8(ascii: "[")] + changes.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]),
            ("next", page.next.map(number) ?? Payload.null.bytes),
        ])
    }

    private static func text(_ text: String) -> [UInt8] { Payload.string(text).bytes }
    private static func number(_ number: Int64) -> [UInt8] { Array(String(number).utf8) }

    private static func object(_ members: [(String, [UInt8])]) -> [UInt8] {
        let members = members.map { text($0.0) + [UInt8(ascii: ":")] + $0.1 }
        return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
    }
}
