/// Knows the nodes of a hub: for the gateway and the doctor.
package protocol ClusterSource: Sendable {
    /// What the nodes have said up to now. Throws when none can be heard, since there is no connection to the broker.
    func cluster() async throws(HubUnavailable) -> ClusterReport
}
