import RepriseKernel

extension OrchestrationContext {
    /// Says how far the orchestration has come: anything `Encodable`, shown to clients at once. Nil clears it.
    ///
    /// Encoded here and now. Each call made for the first time is one `CustomStatusSet` message with the next version;
    /// a replayed call sends nothing. The status outlives completion, failure and termination.
    ///
    /// - Throws: ``Failure`` of type `PayloadTooLarge` over the hub's limit (16,384 bytes of UTF-16 unless configured),
    ///   of type `UnreadablePayload` for what JSON cannot hold. The former status stays, and the code may go on.
    public func setCustomStatus(_ status: (some Encodable)?) throws {
        try set(try status.map { value throws(Failure) in try PayloadCoding.encode(value, as: "the custom status") })
    }

    /// As ``setCustomStatus(_:)-(Encodable?)``, for values that are written as they are: `["stage": "packing", "packed": 0]`.
    public func setCustomStatus(_ status: JSON) throws {
        try set(try PayloadCoding.encode(status, as: "the custom status"))
    }

    /// Changes the custom status where `patch` says, and leaves the rest: a JSON merge patch (RFC 7386).
    ///
    /// ```swift
    /// try context.setCustomStatus(["stage": "packing", "packed": 0])
    /// try context.patchCustomStatus(["packed": 3])  // {"packed":3,"stage":"packing"}
    /// try context.patchCustomStatus(["stage": nil, "packed": 4])  // {"packed":4}
    /// ```
    /// The members of an object are merged, null takes one away, and anything but an object (an array, too) takes the place
    /// of what is there. Note that Swift leaves properties that are nil out of what it encodes: to take a member away, write
    /// the null, as above.
    ///
    /// The patch is applied to what history says the status is, the one that came with the start or a former generation
    /// included. The whole new value is journaled and sent, as by ``setCustomStatus(_:)``, with its limit and its errors; a
    /// replayed call changes nothing.
    public func patchCustomStatus(_ patch: JSON) throws { try merge(patch) }

    /// As ``patchCustomStatus(_:)-(JSON)``, with a value of your own.
    public func patchCustomStatus(_ patch: some Encodable) throws { try merge(patch) }

    /// Clears the custom status.
    public func clearCustomStatus() throws { try set(nil) }

    private func merge(_ patch: some Encodable) throws {
        let patch = try PayloadCoding.encode(patch, as: "the patch of the custom status")
        let former = try session.onExecutor("patchCustomStatus") { session.customStatus }
        try set(MergePatch.apply(patch, to: former))
    }

    private func set(_ status: Payload?) throws {
        let status = status ?? .null
        try session.limits.check(customStatus: status)
        try session.onExecutor("setCustomStatus") { session.record(.setCustomStatus(status)) }
    }
}
