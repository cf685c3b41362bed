import Foundation
import Testing

/// The article `Semantics` says of each feature which test holds it: no row without a test.
@Suite struct SemanticsTests {
    private static let article = "Sources/Reprise/Reprise.docc/Semantics.md"

    private func rows() throws -> [(feature: String, test: String, verdict: String)] {
        let text = try String(contentsOf: SourceTree.root.appending(path: Self.article), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 6, cells[1] != "feature", !cells[1].hasPrefix("---") else { return nil }
            return (cells[1], cells[2].filter { $0 != "`" }, cells[3])
        }
    }

    @Test func everyRowHasATestThatExists() throws {
        let rows = try rows()
        #expect(rows.count >= 50)
        let declared = try Regex("(?:func|struct) ([A-Za-z0-9]+)")
        var known: Set<String> = []
        for file in SourceTree.files(under: "Tests") {
            let code = file.code.joined(separator: "\n")
            guard code.contains("@Test") else { continue }
            for match in code.matches(of: declared) {
                if let name = match.output[1].substring { known.insert(String(name)) }
            }
        }
        for row in rows {
            #expect(known.contains(row.test), "\(row.feature): there is no test '\(row.test)'")
            #expect(["same", "more", "differs"].contains(row.verdict), "\(row.feature): '\(row.verdict)'")
        }
    }
}
