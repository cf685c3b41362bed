import Reprise

/// The custom status of every orchestration here: how many steps lie behind it.
struct Progress: Encodable {
    var done: Int
}

extension OrchestrationContext {
    func report(_ done: Int) throws { try setCustomStatus(Progress(done: done)) }
}
