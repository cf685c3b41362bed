import Foundation
import Testing

/// One word, one thing: what a type's name is made of is explained, or needs no explanation.
@Suite struct GlossaryTests {
    private static let article = "Sources/Reprise/Reprise.docc/Glossary.md"

    @Test("The words of types' names stand in the Glossary, or are plain")
    func words() throws {
        let explained = try Self.explained()
        var unexplained: [String] = []
        for file in SourceTree.files(under: "Sources") {
            for type in Self.types(in: file.code) {
                for word in Self.words(of: type)
                where !Self.isKnown(word, by: explained) && !PlainWords.all.contains(word) {
                    unexplained.append("\(word) in \(type) (\(file.path))")
                }
            }
        }
        #expect(unexplained.isEmpty, "explain in \(Self.article), or use a word of it: \(unexplained)")
    }

    @Test("A word is in one place: no plain word is explained, and each is used")
    func plainWords() throws {
        let explained = try Self.explained()
        let used = Set(SourceTree.files(under: "Sources").flatMap { Self.types(in: $0.code) }.flatMap(Self.words))
        let twice = PlainWords.all.filter { Self.isKnown($0, by: explained) }.sorted()
        #expect(twice.isEmpty, "explained in \(Self.article), and among the plain words")
        let unused = PlainWords.all.subtracting(used).sorted()
        #expect(unused.isEmpty, "no type has these words any more")
    }

    @Test(
        "Names fall into words",
        arguments: [
            ("SQLiteJournal", ["sq", "lite", "journal"]), ("HTTPCallResult", ["http", "call", "result"]),
            ("OwnershipTerm", ["ownership", "term"]), ("Partition", ["partition"]),
        ]
    )
    func splitting(name: String, words: [String]) { #expect(Self.words(of: name) == words) }

    // MARK: Words

    private static func explained() throws -> Set<String> {
        let text = try String(contentsOf: SourceTree.root.appending(path: article), encoding: .utf8)
        return Set(text.lowercased().split { !$0.isLetter }.map(String.init))
    }

    private static func isKnown(_ word: String, by explained: Set<String>) -> Bool {
        explained.contains(word) || explained.contains(word + "s")
            || (word.hasSuffix("s") && explained.contains(String(word.dropLast())))
    }

    private static func types(in code: [String]) -> [String] {
        code.compactMap { line in
            line.firstMatch(of: /^\s*(?:\w+ )*(?:struct|class|enum|protocol|actor) ([A-Z]\w*)/).map { String($0.1) }
        }
    }

    /// `SQLiteJournal`: sq, lite, journal. Digits and single letters are not words.
    private static func words(of name: String) -> [String] {
        name.matches(of: /[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]*|[a-z]+/).map { $0.0.lowercased() }.filter { $0.count > 1 }
    }
}
