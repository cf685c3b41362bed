import Foundation
import Reprise
import RepriseKernel

/// A schedule as people read it.
struct ScheduleText {
    let instance: InstanceStatus
    private let schedule: Schedule?
    private let said: ScheduleStatus?

    init(_ instance: InstanceStatus) {
        self.instance = instance
        schedule = try? PayloadCoding.decode(Schedule.self, from: instance.input, as: "the input")
        said = try? PayloadCoding.decode(ScheduleStatus.self, from: instance.customStatus, as: "the status")
    }

    /// `Paused` where that is what matters.
    var status: String {
        instance.runtimeStatus == .running && said?.isPaused == true ? "Paused" : instance.runtimeStatus.rawValue
    }

    /// What it starts.
    var name: String { schedule?.name ?? "?" }

    var when: String {
        let pause = schedule?.everySeconds.map { "every \(Amount.duration(.seconds($0)))" }
        return [schedule?.cron ?? pause ?? "?", schedule?.timeZone].compactMap(\.self).joined(separator: " ")
    }

    var count: String { said.map { Amount.count($0.count) } ?? "" }

    var next: String { nextStarts.first ?? "" }

    private var nextStarts: [String] {
        guard instance.runtimeStatus == .running else { return [] }
        return said?.nextStarts.map { $0.formatted(.iso8601) } ?? []
    }

    /// The instances of its last runs, newest first.
    var runs: [InstanceID] { (said?.runs ?? []).reversed().compactMap { try? InstanceID($0.instance) } }

    func lines(_ terminal: Terminal) -> [String] {
        var fields = [
            ("schedule", instance.instance.value), ("status", status), ("starts", starts), ("when", when),
            ("overlap", (schedule?.overlap ?? .allowAll).rawValue),
        ]
        if let jitter = schedule?.jitterSeconds {
            fields.append(("jitter", "up to \(Amount.duration(.seconds(jitter)))"))
        }
        if let window = schedule?.catchUpSeconds { fields.append(("catches up", Amount.duration(.seconds(window)))) }
        if let note = said?.note ?? schedule?.note { fields.append(("note", note)) }
        if let said {
            let leftOut = said.skipped == 0 ? "" : ", \(Amount.count(said.skipped)) left out"
            fields.append(("started", count + leftOut))
            if !said.running.isEmpty { fields.append(("runs", said.running.joined(separator: ", "))) }
            if let failure = said.lastFailure { fields.append(("last failure", failure)) }
        }
        if let failure = instance.failure { fields.append(("failure", failure.description)) }
        fields += nextStarts.enumerated().map { ($0 == 0 ? "next" : "", $1) }
        return fields.map { name, value in terminal.paint(Text.pad(name, to: 15), .dim) + Text.line(value) }
    }

    private var starts: String {
        guard let schedule, schedule.input != .null, let input = try? PayloadCoding.encode(schedule.input, as: "it")
        else {
            return name
        }
        return "\(name) \(input.text)"
    }

    /// - Parameter states: of those instances that there still are.
    func table(_ states: [InstanceID: RuntimeStatus]) -> Table {
        var table = Table(["DUE", "CAUSE", "STATUS", "INSTANCE"])
        for run in (said?.runs ?? []).reversed() {
            let state = (try? InstanceID(run.instance)).flatMap { states[$0] }
            table.add([run.due.formatted(.iso8601), run.cause.rawValue, state?.rawValue ?? "gone", run.instance])
        }
        return table
    }
}
