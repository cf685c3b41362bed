package import RepriseKernel

/// Remembers, beyond the process's death, whose orchestrator was running: so that one which traps the process is
/// found and set aside, instead of taking its neighbours down for ever.
package protocol TurnMarker: AnyObject {
    func enter(_ instance: InstanceID)
    func leave()
    /// The instance in whose turn the last process trapped; asked once, forgotten then.
    func takeTrapped() -> InstanceID?
}
