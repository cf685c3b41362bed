import Foundation
import Testing

/// The article `Operations` lists every setting that the code reads, and none that it does not.
@Suite struct SettingsTests {
    private static let article = "Sources/Reprise/Reprise.docc/Operations.md"
    /// Said above the table: where the file of settings is.
    private static let others: Set<String> = ["REPRISE_CONFIG"]

    @Test func theTableOfSettingsIsComplete() throws {
        let text = try String(contentsOf: SourceTree.root.appending(path: Self.article), encoding: .utf8)
        let listed = Set(text.split(separator: "\n").filter { $0.hasPrefix("| `REPRISE_") }.compactMap(Self.name))
        var read: Set<String> = []
        for folder in ["Sources/RepriseHosting", "Sources/RepriseGateway", "Sources/RepriseNode", "Sources/reprise"] {
            for file in SourceTree.files(under: folder) {
                let source = try String(contentsOf: SourceTree.root.appending(path: file.path), encoding: .utf8)
                for match in source.matches(of: /"reprise\.([a-zA-Z.]+)"/) where Self.isKey(match.output.0, in: source)
                {
                    read.insert("REPRISE_" + variable(match.output.1))
                }
            }
        }
        #expect(read.count > 15)
        #expect(
            read.subtracting(listed).subtracting(Self.others).sorted() == [],
            "read by the code, missing in the article"
        )
        #expect(listed.subtracting(read).sorted() == [], "in the article, but read nowhere")
        let table = "Sources/RepriseHosting/KnownSettings.swift"
        let source = try String(contentsOf: SourceTree.root.appending(path: table), encoding: .utf8)
        let keys = try #require(source.firstMatch(of: /static let keys = \[([^\]]*)\]/)).1
        let known = Set(keys.matches(of: /"([a-zA-Z.]+)"/).map { "REPRISE_" + variable($0.output.1) })
        #expect(known == read.subtracting(Self.others), "\(table) lists what the code reads: the rest is refused")
    }

    /// What an article calls a setting, a reader looks for; one said that inboxes could be of another kind, and nothing
    /// read it.
    @Test func whatArticlesCallASettingCanBeSet() throws {
        let folder = SourceTree.root.appending(path: "Sources/Reprise/Reprise.docc")
        let articles =
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" } + [SourceTree.root.appending(path: "README.md")]
        let table = try String(contentsOf: SourceTree.root.appending(path: Self.article), encoding: .utf8)
        let known = Set(table.split(separator: "\n").filter { $0.hasPrefix("| `REPRISE_") }.compactMap(Self.name))
        for article in articles {
            let text = try String(contentsOf: article, encoding: .utf8)
            let mentioned = Set(text.matches(of: /REPRISE_[A-Z_]+[A-Z]/).map { String($0.output) })
            let unknown = mentioned.subtracting(known).subtracting(Self.others).subtracting(Self.mistakes).sorted()
            #expect(unknown == [], "\(article.lastPathComponent) names what nothing reads")
            for promise in text.split(separator: "\n\n").filter(Self.promises) where !promise.hasPrefix("|") {
                #expect(promise.contains("REPRISE_"), "\(article.lastPathComponent) says not which setting: \(promise)")
            }
        }
        #expect(Self.promises("Inboxes are a setting of the hub."))
        #expect(!Self.promises("Every setting is checked."))
    }

    /// Shown as what a program complains of.
    private static let mistakes: Set<String> = ["REPRISE_PARTITONS"]

    private static func promises(_ text: Substring) -> Bool {
        text.contains(/\b(is|are) (a setting|configurable)\b|\bcan be (set|configured)\b/)
    }

    /// `http.readOnly` is `HTTP_READ_ONLY`.
    private func variable(_ key: Substring) -> String {
        key.map { $0 == "." ? "_" : $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }

    private static func name(_ row: Substring) -> String? {
        row.firstMatch(of: /`(REPRISE_[A-Z_]+)`/).map { String($0.output.1) }
    }

    /// Loggers' labels and the file's name look like keys.
    private static func isKey(_ text: Substring, in source: String) -> Bool {
        text != "\"reprise.json\"" && !source.contains("label: \(text)")
    }
}
