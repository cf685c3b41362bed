import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseStatus

@Suite struct TreeTests {
    /// root → a → (a1, a2), b
    private func withFamily(_ body: (StatusModel, InstanceStatus) async throws -> Void) async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            var messages = [partition.start(.of("root"))]
            for (child, parent) in [("a", "root"), ("b", "root"), ("a1", "a"), ("a2", "a")] {
                messages.append(partition.start(.of(child), traits: InstanceTraits(parent: .of(parent))))
            }
            messages.append(partition.change(.of("a1"), .customStatusSet, payload: .json("7")))
            _ = try await model.apply(messages)
            try await body(model, try #require(try await model.get(.of("root"))))
        }
    }

    private func text(_ tree: InstanceTree) -> String {
        let children = tree.children.map(text).joined(separator: " ")
        return "\(tree.status.instance)\(tree.isCutOff ? "+" : "")" + (children.isEmpty ? "" : "(\(children))")
    }

    @Test func aFamilyIsRolledUp() async throws {
        try await withFamily { model, root in
            let tree = try await model.tree(under: root, depth: 8, limit: 100)
            #expect(text(tree) == "root(a(a1 a2) b)")
            #expect(!tree.isTruncated)
            #expect(tree.children[0].children[0].status.customStatus.text == "7")
        }
    }

    @Test(arguments: [
        (0, 100, "root+"), (1, 100, "root(a+ b)"), (2, 100, "root(a(a1 a2) b)"), (8, 5, "root(a(a1 a2) b)"),
        (8, 4, "root(a+(a1) b)"), (8, 3, "root(a+ b)"), (8, 2, "root+(a+)"), (8, 1, "root+"),
    ])
    func whatIsLeftOutIsSaid(depth: Int, limit: Int, shown: String) async throws {
        try await withFamily { model, root in
            let tree = try await model.tree(under: root, depth: depth, limit: limit)
            #expect(text(tree) == shown)
            #expect(tree.isTruncated == shown.contains("+"))
        }
    }

    /// An id that was used again, by one of its own descendants.
    @Test func aCircleHasAnEnd() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            let first = partition.start(.of("x"), traits: InstanceTraits(parent: .of("y")))
            let second = partition.start(.of("y"), traits: InstanceTraits(parent: .of("x")))
            _ = try await model.apply([first, second])
            let root = try #require(try await model.get(.of("x")))
            #expect(text(try await model.tree(under: root, depth: 32, limit: 100)) == "x(y)")
        }
    }

    /// A restart in place, and the children of the life before it were shown beside the new ones.
    @Test func childrenOfAFormerLifeAreNotShown() async throws {
        try await withModel { model in
            var partition = PartitionDouble(partition: PartitionNumber(0))
            func child(_ id: String, of parent: String) -> StatusMessage {
                partition.start(.of(id), traits: InstanceTraits(parent: .of(parent)))
            }
            _ = try await model.apply([partition.start(.of("p"))])
            let former = try #require(try await model.get(.of("p")))
            let derived = DerivedIdentity.child(of: .of("p"), incarnation: former.incarnation, task: TaskID(1)).value
            _ = try await model.apply([child(derived, of: "p"), child("own", of: "p"), child("below", of: derived)])
            #expect(text(try await model.tree(under: former, depth: 8, limit: 100)) == "p(own \(derived)(below))")

            var present = former
            present.incarnation += 5
            present.createdTime = former.createdTime + .seconds(100)
            let again = DerivedIdentity.child(of: .of("p"), incarnation: present.incarnation, task: TaskID(1)).value
            _ = try await model.apply([child(again, of: "p")])
            #expect(text(try await model.tree(under: present, depth: 8, limit: 100)) == "p(\(again))")
            #expect(text(try await model.tree(under: present, depth: 8, limit: 1)) == "p+")
        }
    }
}
