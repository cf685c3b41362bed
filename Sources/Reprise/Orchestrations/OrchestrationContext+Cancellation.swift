import RepriseKernel

extension OrchestrationContext {
    /// Whether someone has asked for this orchestration to be canceled, and its code has been told.
    ///
    /// It is told once: everything that it awaits at that moment throws `CancellationError`. What it awaits later works as
    /// ever, so that it can clean up; then let the error go on, and the orchestration ends as Canceled.
    ///
    /// ```swift
    /// do {
    ///     try await context.call(Ship.self, order)
    /// } catch is CancellationError where context.isCancellationRequested {
    ///     try await context.call(Refund.self, order)
    ///     throw CancellationError()
    /// }
    /// ```
    /// `Task.isCancelled` says nothing of it: that is about a task of this code which other code of it has canceled, such
    /// as the loser of a race, and in which nothing can be awaited any more.
    public var isCancellationRequested: Bool { session.cancellation != nil }

    /// Why it is to be canceled, as text, or as JSON where the reason was another value; nil when none was given, or it
    /// is not.
    public var cancellationReason: String? {
        guard let reason = session.cancellation?.reason, !reason.isNull else { return nil }
        return JSONView(reason).text ?? reason.text
    }
}
