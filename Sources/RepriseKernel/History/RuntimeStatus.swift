/// Where an instance stands, in the words that Durable Functions clients know.
public enum RuntimeStatus: String, Sendable, Hashable, CaseIterable {
    /// It has begun, and waits or works.
    case running = "Running"
    /// It ended with an output.
    case completed = "Completed"
    /// An execution that went on as a new one: in histories only.
    case continuedAsNew = "ContinuedAsNew"
    /// It ended with a failure; it can be rewound.
    case failed = "Failed"
    /// Known to clients of Durable Functions; Reprise never gives it.
    case canceled = "Canceled"
    /// Somebody ended it.
    case terminated = "Terminated"
    /// It has not begun: its time has not come, or no node has its version.
    case pending = "Pending"
    /// It takes no steps until it is resumed.
    case suspended = "Suspended"

    /// True when nothing more will happen to the instance by itself.
    public var isEnded: Bool {
        switch self {
        case .completed, .failed, .canceled, .terminated: true
        case .running, .continuedAsNew, .pending, .suspended: false
        }
    }
}
