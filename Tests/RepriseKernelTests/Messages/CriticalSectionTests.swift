import RepriseKernel
import Testing

@Suite struct CriticalSectionTests {
    /// An id may begin with a mark, which makes one character with the dot before it.
    @Test(arguments: ["one", "a.b.c", "\u{1F3FB}x", "\u{301}"]) func aSectionIsReadAsItIsWritten(id: String) throws {
        for attempt in [1, 2] {
            let section = CriticalSection(
                instance: try InstanceID(id),
                incarnation: 7,
                lock: LockNumber(TaskID(3), attempt: attempt)
            )
            #expect(CriticalSection(section.description) == section)
        }
    }
}
