/// Where an instance stands, in the words that Durable Functions clients know.
public enum RuntimeStatus: String, Sendable, Hashable, CaseIterable {
    case running = "Running"
    case completed = "Completed"
    case continuedAsNew = "ContinuedAsNew"
    case failed = "Failed"
    case canceled = "Canceled"
    case terminated = "Terminated"
    case pending = "Pending"
    case suspended = "Suspended"

    /// True when nothing more will happen to the instance by itself.
    public var isEnded: Bool {
        switch self {
        case .completed, .failed, .canceled, .terminated: true
        case .running, .continuedAsNew, .pending, .suspended: false
        }
    }
}
