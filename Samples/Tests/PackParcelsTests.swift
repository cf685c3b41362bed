import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("PackParcels")
struct PackParcelsTests {
    @Test("Packs as many as it is told to, and says so in the end")
    func packs() async throws {
        let hub = try TestHub(orchestrators: [PackParcels()], activities: [PackParcel()])
        for count in [0, 2] {
            let instance = try await hub.start(PackParcels.self, count)
            #expect(try await hub.result(of: instance, as: Int.self) == count)
            let progress = try await hub.status(of: instance).customStatus(as: PackParcels.Progress.self)
            #expect(progress?.done == count)
            #expect(progress?.stage == "handing over")
        }
    }
}
