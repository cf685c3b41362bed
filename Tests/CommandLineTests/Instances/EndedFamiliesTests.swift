import RepriseKernel
import Testing
import reprise_cli

@Suite struct EndedFamiliesTests {
    /// p → (a → a1, b), and a circle of ids that were used again.
    @Test func allThatLiesBelow() throws {
        var families = EndedFamilies()
        for (child, parent) in [("b", "p"), ("a", "p"), ("a1", "a"), ("p", "a1"), ("x", "busy")] {
            families.add(try InstanceID(child), of: try InstanceID(parent))
        }
        #expect(families.below(try InstanceID("p")).map(\.value).sorted() == ["a", "a1", "b"])
        #expect(families.below(try InstanceID("x")).isEmpty)
    }
}
