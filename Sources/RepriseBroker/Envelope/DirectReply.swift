import Foundation

/// RabbitMQ's direct reply-to: an address that the broker makes out of a process of its own.
///
/// ```
///  amq.rabbitmq.reply-to.<base64 of that process's identifier>.<base64 of a key>
/// ```
/// RabbitMQ 3.10 takes them apart where it publishes, and gives up the publisher's connection at one that it cannot have
/// made. The form is the same in its sources up to 4.3 (rabbit_volatile_queue, rabbit_pid_codec).
enum DirectReply {
    private static let name = "amq.rabbitmq.reply-to"
    /// Of Erlang's external term format: its version, an identifier of a process, and the atoms that a node's name can be.
    private static let termVersion: UInt8 = 131
    private static let process: UInt8 = 88
    private static let longAtoms: Set<UInt8> = [100, 118]
    private static let shortAtoms: Set<UInt8> = [115, 119]
    /// Id, serial and creation, of four bytes each.
    private static let processNumbers = 12

    /// False for what looks like a direct reply address, but was not made by a broker: also for the bare name,
    /// which only the consumer's own channel may use.
    static func isUsable(_ queue: String) -> Bool {
        guard queue.hasPrefix(name) else { return true }
        let parts = queue.dropFirst(name.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, let pid = Data(base64Encoded: String(parts[1])),
            let key = Data(base64Encoded: String(parts[2])), !key.isEmpty
        else { return false }
        return isProcess([UInt8](pid))
    }

    private static func isProcess(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 5, bytes[0] == termVersion, bytes[1] == process else { return false }
        if longAtoms.contains(bytes[2]) {
            return bytes.count == 5 + Int(bytes[3]) << 8 + Int(bytes[4]) + processNumbers
        }
        return shortAtoms.contains(bytes[2]) && bytes.count == 4 + Int(bytes[3]) + processNumbers
    }
}
