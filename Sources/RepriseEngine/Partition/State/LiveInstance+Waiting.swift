import RepriseKernel

extension LiveInstance {
    /// Why nothing more may wait for it: everything that waits is in memory, and is loaded again after a restart.
    func refusal(adding payload: Payload, _ limits: Limits) -> Rejection? {
        let (count, bytes) = (pending.count { !$0.event.isProgress }, payload.bytes.count)
        if count >= limits.pendingEvents {
            return Rejection(.tooManyPending, "\(count) events or requests already wait for '\(row.id)'")
        }
        if pending.bytes + bytes > limits.pendingBytes {
            return Rejection(
                .tooManyPending,
                """
                events or requests with \(pending.bytes) bytes already wait for '\(row.id)', of at most \
                \(limits.pendingBytes) bytes
                """
            )
        }
        if waitingBytes.sum + bytes > limits.partitionPendingBytes {
            return Rejection(
                .tooManyPending,
                """
                events or requests of \(waitingBytes.sum) bytes already wait for instances of this partition, of at most \
                \(limits.partitionPendingBytes) bytes
                """
            )
        }
        return nil
    }
}
