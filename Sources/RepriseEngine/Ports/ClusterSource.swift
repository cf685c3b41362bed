/// Knows the nodes of a hub: for the gateway and the doctor.
package protocol ClusterSource: Sendable {
    /// What the nodes have announced so far. Throws when none can be heard because there is no connection to the
    /// broker.
    func cluster() async throws(HubUnavailable) -> ClusterReport
    /// What waits in the queues of the activities that partitions have sent tasks to, in the order of their names.
    func activities() async throws(HubUnavailable) -> [ActivityBacklog]
}

/// An activity's queue.
package struct ActivityBacklog: Equatable, Sendable {
    package var name: String
    /// Tasks that no worker has taken yet.
    package var waiting: Int
    /// The consumers of the queue.
    package var workers: Int

    package init(name: String, waiting: Int, workers: Int) {
        self.name = name
        self.waiting = waiting
        self.workers = workers
    }
}
