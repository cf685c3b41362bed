import GRDB
package import RepriseKernel

/// An instance with the sub-orchestrations that it called, and theirs.
package struct InstanceTree: Equatable, Sendable {
    /// Without input and output.
    package var status: InstanceStatus
    /// In the order of their ids.
    package var children: [InstanceTree]
    /// Some of its children, or all, are left out.
    package var isCutOff: Bool

    package init(status: InstanceStatus, children: [InstanceTree] = [], isCutOff: Bool = false) {
        self.status = status
        self.children = children
        self.isCutOff = isCutOff
    }

    /// Something is left out, here or further down.
    package var isTruncated: Bool { isCutOff || children.contains(where: \.isTruncated) }
}

extension StatusModel {
    /// The family of an instance as the model knows it, generation by generation.
    ///
    /// - Parameters:
    ///   - depth: generations below the root; what lies deeper is left out.
    ///   - limit: instances in all, the root included; those of nearer generations come first.
    ///   - maximumBytes: of custom statuses; beyond them no further instance is taken.
    package func tree(
        under root: InstanceStatus,
        depth: Int,
        limit: Int,
        maximumBytes: Int = 8 << 20
    ) async throws -> InstanceTree {
        try await pool.read { db in
            var gathering = Gathering(room: limit - 1, bytes: maximumBytes)
            var generation = [root.instance]
            for level in 0...max(depth, 0) where !generation.isEmpty {
                generation = try gathering.gather(childrenOf: generation, isLast: level == depth, from: db)
            }
            return gathering.tree(root)
        }
    }
}

/// What has been found of a family so far.
private struct Gathering {
    private var children: [InstanceID: [InstanceStatus]] = [:]
    private var cutOff: Set<InstanceID> = []
    /// An id that was used again may be among its own descendants.
    private var seen: Set<InstanceID> = []
    private var room: Int
    private var bytes: Int

    init(room: Int, bytes: Int) {
        self.room = room
        self.bytes = bytes
    }

    private static let sql = """
        SELECT \(StatusRecord.columnsWithoutPayloads) FROM instances
        WHERE purged = 0 AND parent = ? ORDER BY id LIMIT ?
        """

    /// - Parameter isLast: no more is taken, and only said whether there would be more.
    mutating func gather(
        childrenOf parents: [InstanceID],
        isLast: Bool,
        from db: Database
    ) throws -> [InstanceID] {
        seen.formUnion(parents)
        var next: [InstanceID] = []
        let statement = try db.cachedStatement(sql: Self.sql)
        for parent in parents {
            let room = isLast || bytes <= 0 ? 0 : self.room
            let found = try Row.fetchAll(statement, arguments: [parent.value, room + 1])
                .map { try StatusRecord(row: $0).status }
            if found.count > room { cutOff.insert(parent) }
            for child in found.prefix(room) where seen.insert(child.instance).inserted {
                children[parent, default: []].append(child)
                next.append(child.instance)
                self.room -= 1
                bytes -= child.customStatus.bytes.count
            }
        }
        return next
    }

    /// Never deeper than the generations that were gathered.
    func tree(_ status: InstanceStatus) -> InstanceTree {
        InstanceTree(
            status: status,
            children: (children[status.instance] ?? []).map(tree),
            isCutOff: cutOff.contains(status.instance)
        )
    }
}
