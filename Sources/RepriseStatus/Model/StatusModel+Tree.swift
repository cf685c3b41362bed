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
    /// The family of an instance as the model knows it, level by level.
    ///
    /// - Parameters:
    ///   - depth: levels below the root; what lies deeper is left out.
    ///   - limit: instances in total, including the root; nearer levels come first.
    ///   - maximumBytes: of custom statuses; beyond that no further instance is included.
    package func tree(
        under root: InstanceStatus,
        depth: Int,
        limit: Int,
        maximumBytes: Int = 8 << 20
    ) async throws -> InstanceTree {
        try await pool.read { db in
            var gathering = Gathering(room: limit - 1, bytes: maximumBytes)
            var present = [root]
            for level in 0...max(depth, 0) where !present.isEmpty {
                present = try gathering.gather(childrenOf: present, isLast: level == depth, from: db)
            }
            return gathering.tree(root)
        }
    }
}

extension StatusModel {
    /// The ended instances below each of these, where those in between have ended too: what a recursive purge reaches,
    /// and what earlier incarnations of an id and earlier generations have left, which its partition does not remember.
    ///
    /// - Parameter limit: the maximum in total.
    package func endedDescendants(of roots: [InstanceID], limit: Int) async throws -> [InstanceID: [InstanceID]] {
        let ended = RuntimeStatus.allCases.filter(\.isEnded).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await pool.read { db in
            let statement = try db.cachedStatement(
                sql:
                    "SELECT id FROM instances WHERE purged = 0 AND parent = ? AND runtime_status IN (\(ended)) ORDER BY id"
            )
            var seen = Set(roots)
            var found: [InstanceID: [InstanceID]] = [:]
            var present = roots.map { (root: $0, parent: $0) }
            while !present.isEmpty {
                var next: [(root: InstanceID, parent: InstanceID)] = []
                for (root, parent) in present {
                    let rows = try String.fetchCursor(statement, arguments: [parent.value])
                    while seen.count - roots.count < limit, let id = try rows.next() {
                        let child = InstanceID(trusted: id)
                        guard seen.insert(child).inserted else { continue }
                        found[root, default: []].append(child)
                        next.append((root, child))
                    }
                }
                present = next
            }
            return found
        }
    }
}

/// What has been found of a family so far.
private struct Gathering {
    private var children: [InstanceID: [InstanceStatus]] = [:]
    private var cutOff: Set<InstanceID> = []
    /// A reused id may be among its own descendants.
    private var seen: Set<InstanceID> = []
    private var room: Int
    private var bytes: Int

    init(room: Int, bytes: Int) {
        self.room = room
        self.bytes = bytes
    }

    private static let sql = """
        SELECT \(StatusRecord.columnsWithoutPayloads) FROM instances
        WHERE purged = 0 AND parent = ? ORDER BY id
        """

    /// - Parameter isLast: nothing more is included; it only determines whether there would be more.
    mutating func gather(
        childrenOf parents: [InstanceStatus],
        isLast: Bool,
        from db: Database
    ) throws -> [InstanceStatus] {
        seen.formUnion(parents.map(\.instance))
        var next: [InstanceStatus] = []
        let statement = try db.cachedStatement(sql: Self.sql)
        for parent in parents {
            let room = isLast || bytes <= 0 ? 0 : self.room
            var found: [InstanceStatus] = []
            let rows = try Row.fetchCursor(statement, arguments: [parent.instance.value])
            while found.count <= room, let row = try rows.next() {
                let child = try StatusRecord(row: row).status
                if child.isChild(ofPresentLifeOf: parent) { found.append(child) }
            }
            if found.count > room { cutOff.insert(parent.instance) }
            for child in found.prefix(room) where seen.insert(child.instance).inserted {
                children[parent.instance, default: []].append(child)
                next.append(child)
                self.room -= 1
                bytes -= child.customStatus.bytes.count
            }
        }
        return next
    }

    /// Never deeper than the levels that were gathered.
    func tree(_ status: InstanceStatus) -> InstanceTree {
        InstanceTree(
            status: status,
            children: (children[status.instance] ?? []).map(tree),
            isCutOff: cutOff.contains(status.instance)
        )
    }
}

extension InstanceStatus {
    /// How far the clocks of two nodes may be apart.
    private static let clockDifference = Duration.seconds(2)

    /// Whether an instance that names `parent` as its caller was called since the parent's current incarnation began.
    ///
    /// An id generated by Reprise says so. For an id chosen by code, only the times do.
    fileprivate func isChild(ofPresentLifeOf parent: InstanceStatus) -> Bool {
        guard let incarnation = DerivedIdentity.incarnation(ofParent: parent.instance, in: instance) else {
            return createdTime + Self.clockDifference >= parent.createdTime
        }
        return incarnation == parent.incarnation
    }
}
