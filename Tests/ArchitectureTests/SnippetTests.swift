import Foundation
import Testing

/// Code that people copy is code that compiles: the guide's own sample of an orchestration forever did not, nor did the
/// comment of `patchCustomStatus`.
@Suite("Code in the documents")
struct SnippetTests {
    private static let articles = "Sources/Reprise/Reprise.docc"
    /// The products whose comments people read in their editors.
    private static let rooms = ["Reprise", "RepriseClient", "RepriseNode", "RepriseTesting"]

    @Test("Every paragraph of it stands in a file that is compiled, below Samples or Tests")
    func compiled() throws {
        let sources = ["Samples", "Tests"].flatMap { SourceTree.files(under: $0) }
            .map { Self.joined($0.text.map(String.init)) }
        let snippets = try Self.inArticles() + Self.inComments()
        #expect(snippets.count > 30)
        var missing: [String] = []
        for snippet in snippets {
            for paragraph in snippet.code.split(separator: "") {
                let text = Self.joined(Array(paragraph))
                if !sources.contains(where: { $0.contains(text) }) { missing.append("\(snippet.place):\(text)") }
            }
        }
        #expect(missing.isEmpty, "put it into a file of Samples/Tests/Snippets:\n\(missing.joined(separator: "\n"))")
    }

    @Test("A snippet is found wherever it stands, also in a comment")
    func reading() {
        let text = ["/// A.", "/// ```swift", "/// let a = 1", "///", "/// let b = 2", "/// ```", "let c = 3"]
        let found = Self.snippets(in: Self.comments(of: text), of: "x")
        #expect(found.map(\.code) == [["let a = 1", "", "let b = 2"]])
        #expect(Self.snippets(in: ["```swift", "let a = 1", "```", "```", "b", "```"], of: "x").count == 1)
    }

    private struct Snippet {
        var place: String
        var code: [String]
    }

    private static func inArticles() throws -> [Snippet] {
        let folder = SourceTree.root.appending(path: articles)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
        return try (files + [SourceTree.root.appending(path: "README.md")]).flatMap { file in
            let text = try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            return snippets(in: text.map(String.init), of: file.lastPathComponent)
        }
    }

    private static func inComments() -> [Snippet] {
        rooms.flatMap { SourceTree.files(under: "Sources/\($0)") }.flatMap { file in
            snippets(in: comments(of: file.text.map(String.init)), of: file.path)
        }
    }

    private static func comments(of text: [String]) -> [String] {
        text.map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix("///") }
            .map { String($0.dropFirst(3)).trimmingCharacters(in: .whitespaces) }
    }

    private static func snippets(in lines: [String], of place: String) -> [Snippet] {
        var found: [Snippet] = []
        var open: [String]?
        for line in lines.map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if line.hasPrefix("```") {
                if let code = open { found.append(Snippet(place: place, code: code)) }
                open = open == nil && line == "```swift" ? [] : nil
            } else {
                open?.append(line)
            }
        }
        return found
    }

    /// Without indentation and empty lines, a line at a time.
    private static func joined(_ lines: [String]) -> String {
        "\n" + lines.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.joined(separator: "\n")
            + "\n"
    }
}
