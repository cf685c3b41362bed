/// What becomes of a sub-orchestration when the one that called it waits for it no longer: because it has ended, is
/// canceled, continues as new, or has given up the call.
public enum ParentClosePolicy: String, Sendable, CaseIterable {
    /// It goes on, and its output is dropped.
    case abandon
    /// It is canceled: its code may clean up, for the grace period of its own type.
    case cancel
    /// It is terminated.
    case terminate
}
