import RepriseKernel
import Testing

/// The examples of RFC 7386, appendix A, and what a status must keep.
@Suite struct MergePatchTests {
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func asTheRFCHasIt(_ value: String, _ patch: String, _ result: String) throws {
        #expect(try merged(value, patch) == result)
    }

    @Test func whatIsNotPatchedKeepsItsBytes() throws {
        #expect(
            try merged(#"{"b":12345678901234567890.10,"a":"\u00e9"}"#, #"{"c":1}"#)
                == #"{"a":"\u00e9","b":12345678901234567890.10,"c":1}"#
        )
    }

    private func merged(_ value: String, _ patch: String) throws -> String {
        MergePatch.apply(
            try Payload(checking: Array(patch.utf8)),
            to: try Payload(checking: Array(value.utf8))
        ).text
    }
}
