import RepriseEngine
import RepriseKernel

/// What observers of the hub have heard, once each: what is sent twice has the same incarnation and version.
struct Observations {
    private var changes: [InstanceID: [StatusChange]] = [:]
    private var seen: [InstanceID: Set<Revision>] = [:]
    private(set) var deadLetters: [DeadLetterNote] = []
    private var progress: [InstanceID: [ProgressNote]] = [:]

    func changes(of instance: InstanceID) -> [StatusChange] { changes[instance] ?? [] }

    mutating func observe(_ message: StatusMessage) {
        guard seen[message.instance, default: []].insert(Revision(message)).inserted else { return }
        changes[message.instance, default: []].append(StatusChange(message))
    }

    func progress(of instance: InstanceID) -> [ProgressNote] { progress[instance] ?? [] }

    mutating func observe(_ message: ProgressMessage) {
        if let value = message.value { progress[message.instance, default: []].append(ProgressNote(message, value)) }
    }

    mutating func observe(_ letter: DeadLetter, at now: Timestamp) {
        deadLetters.append(
            DeadLetterNote(
                message: String(decoding: letter.original, as: UTF8.self),
                reason: letter.reason,
                code: TestHubError.Code(rawValue: letter.code.rawValue),
                time: now.date
            )
        )
    }
}
