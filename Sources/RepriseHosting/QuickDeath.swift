import CCrashMarker

/// Makes a process that has trapped end quickly.
package enum QuickDeath {
    /// From here on a trap ends the process at once, so that its sockets close and others take over. Swift's own
    /// handler would first spend up to half a minute on a backtrace. Set `SWIFT_BACKTRACE` to keep it.
    ///
    /// Call it before the first ``CrashMarker`` is created.
    package static func prepare() { _ = crash_remove_backtracer() }
}
