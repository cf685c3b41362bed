/// The runtime status of an instance, with the names that Durable Functions clients know.
public enum RuntimeStatus: String, Sendable, Hashable, CaseIterable {
    /// It has begun, and is waiting or working.
    case running = "Running"
    /// It ended with an output.
    case completed = "Completed"
    /// An execution that continued as a new one: only in histories.
    case continuedAsNew = "ContinuedAsNew"
    /// It ended with a failure; it can be rewound.
    case failed = "Failed"
    /// It was canceled, and has cleaned up as far as its code does that in time.
    case canceled = "Canceled"
    /// It was terminated.
    case terminated = "Terminated"
    /// It has not begun: its time has not come, or no node has its version.
    case pending = "Pending"
    /// It takes no steps until it is resumed.
    case suspended = "Suspended"

    /// True when nothing more will happen to the instance on its own.
    public var isEnded: Bool {
        switch self {
        case .completed, .failed, .canceled, .terminated: true
        case .running, .continuedAsNew, .pending, .suspended: false
        }
    }
}
