import RepriseKernel
import Testing

/// Computed by another program, in another language. Never edit: they are in the journals of the world.
@Suite("Derived ids and keys never change")
struct DerivedIdentityTests {
    @Test("The id of a start that names none")
    func instanceID() throws {
        let id = DerivedIdentity.instanceID(hub: try HubName("orders"), orchestrator: "Charge", messageID: "m-1")
        #expect(id.value == "73ea866f2ee17348472f3ddd98575624")
        #expect(try InstanceID(id.value) == id, "and it is a legal one")
    }

    @Test("What a command is remembered by")
    func seenKey() throws {
        let key = DerivedIdentity.seenKey(instance: try InstanceID("größe"), kind: "start", messageID: "m-1")
        #expect(DerivedIdentity.hex(key) == "966a7fea8d5cb74a2d91dda106ed898f")
    }

    @Test("The ids and the random seed of an execution")
    func uuid() throws {
        let instance = try InstanceID("a")
        let uuid = DerivedIdentity.uuid(instance: instance, incarnation: 7, generation: 0, counter: 0)
        #expect(DerivedIdentity.hex(uuid) == "42cf4090464580e39455c9ba196b1582")
        #expect(DerivedIdentity.randomSeed(instance: instance, incarnation: 7, generation: 0) == 0x8288_B023_746F_E3FA)
    }

    @Test("Another question has another answer, also when the letters only moved")
    func questions() throws {
        let one = DerivedIdentity.seenKey(instance: try InstanceID("ab"), kind: "c", messageID: "d")
        #expect(one != DerivedIdentity.seenKey(instance: try InstanceID("a"), kind: "bc", messageID: "d"))
        #expect(one != DerivedIdentity.seenKey(instance: try InstanceID("ab"), kind: "", messageID: "cd"))
        let ids = (0..<100).map {
            DerivedIdentity.uuid(instance: InstanceID(trusted: "a"), incarnation: 1, generation: 0, counter: $0)
        }
        #expect(Set(ids).count == 100)
        #expect(
            !ids.contains(
                DerivedIdentity.uuid(instance: InstanceID(trusted: "a"), incarnation: 2, generation: 0, counter: 0)
            )
        )
    }
}
