import RepriseKernel
import Testing

@Suite("A failure in words")
struct FailureTests {
    @Test("Says one thing once: a message that ends with that of its cause is not said again")
    func once() {
        let refused = Failure(type: "CarrierRefused", message: "CarrierRefused(parcel: 1)")
        let activity = Failure(
            type: "ActivityFailed",
            message: "The activity 'HandToCarrier' failed: \(refused.message)",
            cause: refused
        )
        let child = Failure(
            type: "SubOrchestrationFailed",
            message: "The sub-orchestration 'ShipParcel' failed: \(activity.message)",
            cause: activity
        )
        #expect(
            child.description == "SubOrchestrationFailed: The sub-orchestration 'ShipParcel' failed: The activity "
                + "'HandToCarrier' failed: CarrierRefused(parcel: 1) (caused by ActivityFailed) (caused by CarrierRefused)"
        )
        let other = Failure(type: "OutOfStock", message: "no cups", cause: refused)
        #expect(other.description == "OutOfStock: no cups (caused by CarrierRefused: CarrierRefused(parcel: 1))")
    }
}
