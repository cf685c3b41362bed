import RepriseEngine
package import RepriseKernel

/// A small text file in a data directory: the partitions of the hub of which some node is known to have a journal.
///
/// A file that cannot be read counts as all of them: a node that does not know must not recreate any.
package struct KnownPartitions: PartitionMemory {
    private let path: String
    private let partitionCount: Int

    package init(directory: String, hub: HubName, partitionCount: Int) {
        path = "\(directory)/hub-\(hub).known"
        self.partitionCount = partitionCount
    }

    package func known() -> [PartitionNumber] {
        guard Names.exists(path) else { return [] }
        let all = (0..<partitionCount).map(PartitionNumber.init)
        guard let bytes = try? Descriptor(reading: path).head(16 * partitionCount) else { return all }
        let numbers = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { Int($0) }
        guard numbers.allSatisfy({ $0.map { (0..<partitionCount).contains($0) } ?? false }) else { return all }
        return numbers.compactMap { $0 }.map(PartitionNumber.init)
    }

    package func remember(_ partitions: [PartitionNumber]) throws {
        let text = partitions.map(\.value).sorted().map { "\($0)\n" }.joined()
        if Names.exists(path), try Descriptor(reading: path).head(text.utf8.count + 1) == Array(text.utf8) { return }
        let unfinished = path + ".new"
        let file = try Descriptor(creating: unfinished)
        try file.replace(Array(text.utf8))
        try file.sync()
        try Names.move(unfinished, to: path)
    }
}
