import Foundation
import Testing

/// The figures of the house, each with a ceiling that is only ever lowered. `infra/test --filter RatchetTests` prints them;
/// with RATCHET_TREE=DIR those of another checkout stand beside them.
@Suite struct RatchetTests {
    private static let figures = Result { try measure(SourceTree.root) }

    private static func measure(_ root: URL) throws -> [Measurement] {
        let house = House(at: root)
        try #require(!house.sources.isEmpty, "there are no Sources in \(root.path)")
        return try Ratchet.all.map { try $0.measure(house) }
    }

    @Test("A figure is not worse than it was", arguments: Ratchet.all.indices)
    func ceiling(index: Int) throws {
        let ratchet = Ratchet.all[index]
        let found = try Self.figures.get()[index]
        let worst = found.places.prefix(10).joined(separator: "\n")
        #expect(found.value <= ratchet.ceiling, "\(ratchet): \(found.value), was \(ratchet.ceiling)\n\(worst)")
    }

    @Test("All figures, as a table")
    func table() throws {
        let here = try Self.figures.get()
        let there = try ProcessInfo.processInfo.environment["RATCHET_TREE"].map { try Self.measure(URL(filePath: $0)) }
        print("| figure |\(there == nil ? "" : " there |") here | ceiling | worst |")
        print("| --- |\(there == nil ? "" : " --- |") --- | --- | --- |")
        for (index, ratchet) in Ratchet.all.enumerated() {
            let other = there.map { " \($0[index].value) |" } ?? ""
            let value = here[index].value
            let ceiling = "\(ratchet.ceiling)" + (value < ratchet.ceiling ? ", lower it" : "")
            print("| \(ratchet) |\(other) \(value) | \(ceiling) | \(here[index].places.first ?? "") |")
        }
        #expect(Set(Ratchet.all.map(\.figure)).count == Ratchet.all.count)
    }

    // MARK: The figures' own eyes

    @Test("Functions and types are seen from their first line to their last")
    func declarations() {
        let text = [
            "import struct A.B", "public struct A<T: Sendable>: P {", "    let a = { 1 }()", "    var b: Int {",
            "        1", "    }", "    init(", "        _ a: Int, _ b: [String: Int] = [:],",
            "        _ c: (Int, Int) -> Int = { $0 }, d: Int", "    ) where T == Int {", "        self.init(a)",
            "    }",
            "    private enum C {", "        case class(Int)", "        func d(_ a: Int, b: Int) {", "        }",
            "    }",
            "}", "protocol P {", "    var a: Int { get }", "    func b(_ a: Int)", "}", "fileprivate extension A.C {",
            "    static func == (a: Self, b: Self) -> Bool { true }", "}",
        ].joined(separator: "\n")
        let found = DeclarationReader.declarations(of: SourceFile(path: "x.swift", text: text))
        func lines(_ name: String, _ kind: Declaration.Kind) -> [ClosedRange<Int>] {
            found.filter { $0.name == name && $0.kind == kind }.map(\.lines)
        }
        #expect(lines("A", .type) == [2...18])
        #expect(lines("A.C", .type) == [13...17])
        #expect(lines("A.C", .extended) == [23...25])
        #expect(lines("P", .type) == [19...22])
        #expect(lines("b", .function) == [4...6])
        #expect(lines("init", .function) == [7...12])
        #expect(lines("d", .function) == [15...16])
        #expect(lines("a", .function) == [20...20])
        #expect(found.first { $0.name == "init" }?.unlabelled == 3)
        #expect(found.first { $0.name == "d" }?.unlabelled == 1)
        #expect(found.first { $0.name == "==" }?.unlabelled == 0)
        #expect(found.filter { $0.kind == .type && $0.isTopLevel }.map(\.name) == ["A", "P"])
        #expect(found.first { $0.name == "A.C" && $0.kind == .type }?.isShared == false)
    }

    @Test("Lines that stand twice are seen, with other names only by their shape")
    func repetition() {
        let one = ["let a = f(1)", "if a > 2 {", "    g(a)", "}", "return a + h()", "x.y = z", "for b in c { d(b) }"]
        let other = one.map { $0.replacing("a", with: "other").replacing("1", with: "12") }
        func runs(_ a: [String], _ b: [String], byShape: Bool) -> [String] {
            let files = [("a.swift", ["// First."] + a), ("b.swift", b)].map {
                SourceFile(path: $0.0, text: $0.1.joined(separator: "\n"))
            }
            return RepeatedLines(in: files, byShape: byShape).runs
        }
        #expect(runs(one, one.map { "\t" + $0 }, byShape: false) == ["a.swift:2-8", "b.swift:1-7"])
        #expect(runs(one, other, byShape: false) == [])
        #expect(runs(one, other, byShape: true) == ["a.swift:2-8", "b.swift:1-7"])
        #expect(runs(one, Array(one.dropLast(2)), byShape: true) == [], "five lines")
        let properties = (0..<8).map { "let name\($0): Int" }
        #expect(runs(properties, properties, byShape: true) == [])
    }

    @Test("A domain number is known by its name")
    func domainNumbers() throws {
        let declared = try Regex(DomainNumbers.declared)
        for line in [
            "var epoch: Int64", "let firstPosition: Int64?", "(_ keys: [Int64])", "last: Int64, sequence: Int64",
        ] {
            #expect(line.contains(declared), "\(line)")
        }
        for line in ["var epoch: Epoch", "let milliseconds: Int64", "let rawValue: Int64", "let keyhole: Int64"] {
            #expect(!line.contains(declared), "\(line)")
        }
    }
}
