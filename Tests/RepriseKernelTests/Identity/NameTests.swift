import RepriseKernel
import Testing

@Suite("Names and ids are the same at every door")
struct NameTests {
    // MARK: Instance ids

    @Test(
        "Ids that may be",
        arguments: [
            "a", "order-42", "größe", "日本語", "🚂", "a b", "a@b", "a.b:c;d=e&f%20", String(repeating: "x", count: 256),
            // Two UTF-16 units each.
            String(repeating: "🚂", count: 128),
            "\u{2028}",
        ]
    )
    func legalIDs(text: String) throws {
        #expect(try InstanceID(text).value == text)
    }

    @Test(
        "Ids that may not be, and why",
        arguments: [
            ("", "must not be empty"),
            (String(repeating: "x", count: 257), "may have at most 256 characters, this one has 257"),
            (String(repeating: "🚂", count: 128) + "x", "this one has 257"),
            ("@entity", "must not begin with '@'"),
            ("@\u{301}", "must not begin with '@'"),
            ("a/b", "must not contain '/'"),
            ("a\\b", "must not contain '\\'"),
            ("a?b", "must not contain '?'"),
            ("a#b", "must not contain '#'"),
            ("a\u{0}", "control characters"),
            ("a\nb", "control characters"),
            ("a\u{7F}", "control characters"),
            ("a\u{85}", "control characters"),
        ]
    )
    func illegalIDs(text: String, why: String) {
        let error = #expect(throws: InvalidName.self) { try InstanceID(text) }
        #expect(error?.reason.contains(why) == true, "\(error?.reason ?? "no error")")
    }

    /// Swift's strings are equal when they look the same; the journal, the partitions and other programs compare bytes.
    @Test("Ids that look the same but differ in bytes are two")
    func equality() throws {
        let one = try InstanceID("caf\u{E9}")
        let two = try InstanceID("cafe\u{301}")
        #expect(one.value == two.value)
        #expect(one != two)
        #expect(Set([one, two, one]).count == 2)
        #expect(PartitionNumber(of: one, count: 1 << 20) != PartitionNumber(of: two, count: 1 << 20))
    }

    // MARK: Hubs

    @Test("Hub names that may be", arguments: ["a", "orders", "0-9", "-", String(repeating: "h", count: 40)])
    func legalHubs(text: String) throws {
        #expect(try HubName(text).value == text)
    }

    @Test(
        "Hub names that may not be",
        arguments: [
            "", String(repeating: "h", count: 41), "Orders", "a.b", "a_b", "a b", "ä", "a\n", "*", "#",
        ]
    )
    func illegalHubs(text: String) {
        #expect(throws: InvalidName.self) { try HubName(text) }
    }

    // MARK: Entities

    @Test("Entities' names are kept in lower case, keys as they are")
    func entities() throws {
        let id = try EntityID("Counter", "A@b")
        #expect(id.description == "@counter@A@b")
        #expect(try EntityID(parsing: "@COUNTER@A@b") == id)
        #expect(id.instance.entity == id)
        for (name, key) in [("", "a"), ("a@b", "c"), ("a/b", "c"), ("a", "b#"), ("a", "\u{85}")] {
            #expect(throws: InvalidName.self) { try EntityID(name, key) }
        }
    }

    /// To Swift an `@` and the mark or modifier behind it are one character: the key was not found.
    @Test("A key may begin with what joins the character before it", arguments: ["\u{301}a", "\u{1F3FB}", "\u{200D}"])
    func joiningKeys(key: String) throws {
        let id = try EntityID("counter", key)
        #expect(id.instance.entity?.key.unicodeScalars.elementsEqual(key.unicodeScalars) == true)
        #expect(try EntityID(parsing: id.description) == id)
        #expect(throws: InvalidName.self) { try EntityID("a@\(key)", "b") }
    }

    // MARK: Orchestrators, activities, events

    @Test("Registered names have 1 to 128 bytes of UTF-8")
    func registeredNames() throws {
        try RegisteredName.check(String(repeating: "x", count: 128), of: "an activity's name")
        try RegisteredName.check(String(repeating: "ä", count: 64), of: "an activity's name")
        for bad in ["", String(repeating: "x", count: 129), String(repeating: "ä", count: 64) + "x", "a\tb"] {
            let error = #expect(throws: InvalidName.self) { try RegisteredName.check(bad, of: "an activity's name") }
            #expect(error?.reason.hasPrefix("an activity's name") == true)
        }
    }
}
