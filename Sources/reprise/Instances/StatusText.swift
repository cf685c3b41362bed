import RepriseKernel

/// An instance as people read it.
enum StatusText {
    static func lines(_ status: InstanceStatus, _ terminal: Terminal) -> [String] {
        var fields: [(String, String)] = [
            ("instance", Text.line(status.instance.value)),
            ("orchestrator", Text.line(status.name + (status.traits.version.map { ", version \($0)" } ?? ""))),
            ("status", terminal.paint(status.runtimeStatus.rawValue, color(status.runtimeStatus))),
            ("version", "\(status.version) of incarnation \(status.incarnation), in partition \(status.partition)"),
            ("created", "\(status.createdTime.text)  (\(status.createdTime.age))"),
            ("updated", "\(status.lastUpdatedTime.text)  (\(status.lastUpdatedTime.age))"),
            ("input", Text.line(status.input.text)),
            ("custom status", Text.line(status.customStatus.text)),
        ]
        fields += traits(status.traits)
        if let events = status.waitingFor, !events.isEmpty {
            fields.append(("waits for", Text.line(events.joined(separator: ", "))))
        }
        for (number, event) in status.unreadEvents.enumerated() {
            let raised = "\(Text.line(event.name)), raised \(event.time.text)  (\(event.time.age))"
            fields.append((number == 0 ? "unread events" : "", raised))
        }
        if let failure = status.failure {
            fields.append(("failure", Text.line(failure.description)))
        } else if status.runtimeStatus.isEnded {
            let isOutput = status.runtimeStatus == .completed
            fields.append((isOutput ? "output" : "reason", Text.line(status.output.text)))
        }
        return fields.map { name, value in terminal.paint(Text.pad(name, to: 15), .dim) + value }
    }

    /// What it was started with besides its input, if anything.
    private static func traits(_ traits: InstanceTraits) -> [(String, String)] {
        var fields: [(String, String)] = []
        if let time = traits.startTime { fields.append(("start time", "\(time.text)  (\(time.age))")) }
        if let parent = traits.parent { fields.append(("parent", Text.line(parent.value))) }
        if !traits.tags.isEmpty {
            let tags = traits.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            fields.append(("tags", Text.line(tags.joined(separator: " "))))
        }
        return fields
    }

    static func color(_ status: RuntimeStatus) -> Color {
        switch status {
        case .completed: .green
        case .failed, .terminated, .canceled: .red
        case .suspended: .yellow
        case .running, .pending, .continuedAsNew: .cyan
        }
    }
}
