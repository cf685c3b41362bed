import Foundation
import RepriseJournal
import RepriseKernel
import Testing

@Suite struct KnownPartitionsTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "known-\(UUID().uuidString)")

    @Test func whatWasRememberedIsKnown() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let hub = try HubName("hub")
        let memory = KnownPartitions(directory: directory.path, hub: hub, partitionCount: 8)
        #expect(memory.known() == [])
        try memory.remember([PartitionNumber(7), PartitionNumber(2)])
        try memory.remember([PartitionNumber(7), PartitionNumber(2)])
        #expect(memory.known() == [PartitionNumber(2), PartitionNumber(7)])
        let other = KnownPartitions(directory: directory.path, hub: try HubName("other"), partitionCount: 8)
        #expect(other.known() == [])
        // Damaged, it says the safe thing.
        try Data("2\n99\n".utf8).write(to: directory.appending(path: "hub-hub.known"))
        #expect(memory.known().count == 8)
    }
}
