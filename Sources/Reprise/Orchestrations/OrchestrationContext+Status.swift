import RepriseKernel

extension OrchestrationContext {
    /// Sets the custom status: anything `Encodable`, shown to clients at once. Nil clears it.
    ///
    /// The value is encoded immediately. Each call made for the first time is one `CustomStatusSet` message with the
    /// next version; a replayed call sends nothing. The status outlives completion, failure and termination.
    ///
    /// - Throws: ``Failure`` of type `PayloadTooLarge` over the hub's limit (16,384 bytes of UTF-16 unless configured),
    ///   of type `UnreadablePayload` for what JSON cannot hold. The previous status stays, and the code may continue.
    public func setCustomStatus(_ status: (some Encodable)?) throws {
        try set(try status.map { value throws(Failure) in try PayloadCoding.encode(value, as: "the custom status") })
    }

    /// As `setCustomStatus` of an encodable value, for values that are written as they are: `["stage": "packing", "packed": 0]`.
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
    /// The members of an object are merged, null removes one, and anything but an object (even an array) replaces what
    /// is there. Note that Swift leaves properties that are nil out of what it encodes: to remove a member, write the
    /// null, as above.
    ///
    /// The patch is applied to what history says the status is, including one that came with the start or from a
    /// previous generation. The whole new value is journaled and sent, as by ``setCustomStatus(_:)-(JSON)``, with its
    /// limit and its errors; a replayed call changes nothing.
    public func patchCustomStatus(_ patch: JSON) throws { try merge(patch) }

    /// Like ``patchCustomStatus(_:)-(JSON)``, with a value of your own.
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
