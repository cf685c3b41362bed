import CCrashMarker

/// How fast a process that has trapped is gone.
package enum QuickDeath {
    /// From here on a trap ends the process at once, so that its sockets close and others take its place. Swift's own
    /// handler would print a backtrace first, for up to half a minute. Whoever sets `SWIFT_BACKTRACE` keeps it.
    ///
    /// To be called before the first ``CrashMarker`` is made.
    package static func prepare() { _ = crash_remove_backtracer() }
}
