import Testing
import reprise_cli

@Suite struct TextTests {
    @Test func strangersCannotDriveTheTerminal() {
        #expect(Text.line("a\nb\tc") == "a b c")
        #expect(Text.line("\u{1B}[31mred\u{9B}") == "\u{FFFD}[31mred\u{FFFD}")
        #expect(Text.line("Zürich 東京") == "Zürich 東京")
    }

    @Test func cutsToColumns() {
        #expect(Text.cut("Tokyo", to: 5) == "Tokyo")
        #expect(Text.cut("Tokyo", to: 4) == "Tok…")
        #expect(Text.cut("東京都", to: 5) == "東京…")
        #expect(Text.cut("東京都", to: 4) == "東…")
        #expect(Text.cut("Tokyo", to: 0) == "")
    }

    @Test func padsByColumns() {
        #expect(Text.pad("東", to: 4) == "東  ")
        #expect(Text.pad("long", to: 2) == "long")
    }

    @Test func tablesLineUp() {
        var table = Table(["ID", "NAME", "STATUS"])
        table.add(["1", "Hello", "Running"])
        table.add(["22", "東京", ""])
        #expect(table.lines(width: nil) == ["ID  NAME   STATUS", "1   Hello  Running", "22  東京"])
        #expect(table.lines(width: 12) == ["ID  NAME   …", "1   Hello  …", "22  東京"])
    }

    @Test func bars() {
        #expect(Bar.draw(1, of: 2, width: 4) == "[██░░]  50 %")
        #expect(Bar.draw(0, of: 0, width: 2) == "[██] 100 %")
        #expect(Bar.draw(9, of: 3, width: 2) == "[██] 100 %")
    }
}
