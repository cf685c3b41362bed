import RepriseKernel
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
}
