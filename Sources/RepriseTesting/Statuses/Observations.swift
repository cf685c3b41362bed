import Reprise
import RepriseEngine
import RepriseKernel

/// What observers of the hub have received, once each: repeats have the same incarnation and version.
struct Observations {
    /// The status of an instance after its latest change.
    private struct Standing {
        var runtimeStatus = RuntimeStatus.running
        var customStatus = Payload.null
    }

    private var changes: [InstanceID: [OrchestrationChange]] = [:]
    private var standing: [InstanceID: Standing] = [:]
    private var seen: [InstanceID: Set<Revision>] = [:]
    private(set) var deadLetters: [DeadLetterNote] = []
    private var progress: [InstanceID: [ActivityProgress]] = [:]

    func changes(of instance: InstanceID) -> [OrchestrationChange] { changes[instance] ?? [] }

    mutating func observe(_ message: StatusMessage) {
        guard seen[message.instance, default: []].insert(Revision(message)).inserted else { return }
        var now = message.version == 1 ? Standing() : standing[message.instance] ?? Standing()
        if let status = message.kind.runtimeStatus { now.runtimeStatus = status }
        if message.kind == .customStatusSet || message.kind == .entityChanged { now.customStatus = message.payload }
        standing[message.instance] = now
        let output: Payload =
            switch message.kind {
            case .completed, .canceled, .terminated: message.payload
            case .failed: message.failure.map { .string($0.description) } ?? .null
            default: .null
            }
        changes[message.instance, default: []].append(
            OrchestrationChange(
                kind: OrchestrationChange.Kind(message.kind),
                revision: Revision(message),
                time: message.time,
                runtimeStatus: now.runtimeStatus,
                failure: message.failure,
                value: message.payload,
                customStatus: now.customStatus,
                output: output
            )
        )
    }

    func progress(of instance: InstanceID) -> [ActivityProgress] { progress[instance] ?? [] }

    mutating func observe(_ message: ProgressMessage) {
        guard let value = message.value else { return }
        progress[message.instance, default: []].append(
            ActivityProgress(
                activity: message.activity,
                task: message.task.value,
                attempt: message.attempt,
                time: message.time,
                value: value
            )
        )
    }

    mutating func observe(_ letter: DeadLetter, at now: Timestamp) {
        deadLetters.append(
            DeadLetterNote(
                message: String(decoding: letter.original, as: UTF8.self),
                reason: letter.reason,
                code: RepriseError.Code(letter.code),
                time: now.date
            )
        )
    }
}
