/// The timing of the log's parts.
struct LogTiming: Sendable {
    var clock: any Clock<Duration> = ContinuousClock()
    /// How long the broker may take to confirm what is appended.
    var timeout = Duration.seconds(5)
    /// A stream younger than half a second does not survive a kill -9 of the broker.
    var settling = Duration.seconds(2)
    /// How long a segment stays for those who still read it.
    var grace = Duration.seconds(600)
    /// How long a stream must stay away before it counts as gone.
    var absence = Duration.seconds(10)
    /// Between two tries.
    var pause = Duration.seconds(1)
    /// The same, when a person must do something first.
    var pauseForPeople = Duration.seconds(30)
    /// How often an owner looks whether its stream is still there, and a node whether all of the hub is.
    var watch = Duration.seconds(10)
    /// How long a partition that is handed over may take to finish what it has.
    var drain = Duration.seconds(2)
}
