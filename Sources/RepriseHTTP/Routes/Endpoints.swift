// Everything that the gateway does, in the order readers look for it.
extension Endpoint {
    static let all = starts + instances + commands + entities + searches + deadLetters + hub

    // MARK: What several have

    static let ofHub = ["taskHub", "connection"]
    static let ofFilters = [
        "createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix", "nameFilter", "parentInstanceId",
        "tag", "filter",
    ]
    static let started = [
        ("200", "Outcome"), ("202", "Started"), ("409", "Existing"), ("410", "Gone"), ("429", "TooMany"),
        ("500", "Failed"),
    ]
    /// The possible refusals of any command.
    static let refusals = [
        ("400", "Problem"), ("403", "Problem"), ("413", "Problem"), ("503", "Unavailable"),
    ]
}
