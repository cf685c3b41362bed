import RepriseKernel
import Testing

@Suite("A history that was written to a file is read back whole, or not at all")
struct HistoryJSONTests {
    @Test("Any history comes back, every event of it", arguments: 1...200)
    func roundTrip(seed: UInt64) throws {
        var source = RandomHistory(seed: seed)
        let history = source.next()
        #expect(try HistoryJSON.decode(HistoryJSON.encode(history)) == history)
    }

    /// Written by the first release that exports. Never edit: files in the world look like this.
    private static let golden = """
        {"format":"reprise-history","formatVersion":1,"instance":"trip-1","incarnation":7,"events":[
        {"event":"ExecutionStarted","time":"2023-11-14T22:13:20.123Z","statusVersion":1,"name":"Trip","input":2,"version":"2.0","tags":{"region":"eu"}},
        {"event":"TaskScheduled","time":"2023-11-14T22:13:20.123Z","task":1,"name":"Book","input":{"to": "Tokyo"},"startToClose":[1,500000000000000000],"attempt":1,"key":9,"secret":"00000000000000ff0000000000000001"},
        {"event":"TaskFailed","time":"2023-11-14T22:13:21.123Z","task":1,"failure":{"type":"Full","message":"no seat","cause":{"type":"HTTP","message":"409"}}},
        {"event":"MessageSent","time":"2023-11-14T22:13:21.123Z","task":2,"to":"audit","kind":"event","name":"Refused","payload":"Tokyo"},
        {"event":"ExecutionCompleted","time":"2023-11-14T22:13:21.123Z","statusVersion":2,"output":null}
        ]}
        """

    private static let goldenHistory: RecordedHistory = {
        let begin = Timestamp(milliseconds: 1_700_000_000_123)
        let end = begin + .seconds(1)
        return RecordedHistory(
            instance: InstanceID(trusted: "trip-1"),
            incarnation: 7,
            records: [
                HistoryRecord(
                    .executionStarted(
                        ExecutionStart(
                            name: "Trip",
                            input: Payload(trusted: Array("2".utf8)),
                            traits: InstanceTraits(version: "2.0", tags: ["region": "eu"])
                        )
                    ),
                    time: begin,
                    version: 1
                ),
                HistoryRecord(
                    .taskScheduled(
                        ScheduledTask(
                            id: TaskID(1),
                            name: "Book",
                            input: Payload(trusted: Array(#"{"to": "Tokyo"}"#.utf8)),
                            timeouts: TaskTimeouts(startToClose: .milliseconds(1_500)),
                            attempt: 1,
                            key: 9,
                            secret: TaskSecret(high: 255, low: 1)
                        )
                    ),
                    time: begin
                ),
                HistoryRecord(
                    .taskFailed(
                        TaskID(1),
                        Failure(type: "Full", message: "no seat", cause: Failure(type: "HTTP", message: "409"))
                    ),
                    time: end
                ),
                HistoryRecord(
                    .messageSent(
                        SentMessage(
                            id: TaskID(2),
                            to: InstanceID(trusted: "audit"),
                            action: .raiseEvent(name: "Refused", .string("Tokyo"))
                        )
                    ),
                    time: end
                ),
                HistoryRecord(.executionCompleted(output: .null), time: end, version: 2),
            ]
        )
    }()

    @Test("The form is forever")
    func form() throws {
        #expect(String(decoding: HistoryJSON.encode(Self.goldenHistory), as: UTF8.self) == Self.golden)
        #expect(try HistoryJSON.decode(Array(Self.golden.utf8)) == Self.goldenHistory)
    }

    @Test("What other programs add or reformat does not matter")
    func tolerance() throws {
        let text = Self.golden.replacing("\"event\":", with: "\n  \"by\": [1, {}],\n  \"event\" :  ")
            .replacing("\"output\":null", with: "\"output\" : null ")
        #expect(try HistoryJSON.decode(Array(text.utf8)) == Self.goldenHistory)
    }

    @Test(
        "What cannot be read is named with its place",
        arguments: [
            ("", "", "not JSON: it ends in the middle (byte"),
            ("reprise-history", "har", "this is not a history: its 'format' is not 'reprise-history'"),
            (#""formatVersion":1"#, #""formatVersion":2"#, "format version 2, this program knows 1"),
            (#""instance":"trip-1","#, "", "the history: there is no 'instance'"),
            ("trip-1", "a/b", "the history: 'instance': an instance id must not contain '/'"),
            ("TaskFailed", "Nonsense", "event 3: an event of the kind 'Nonsense' is not known to this program"),
            (#""task":1,"name""#, #""name""#, "event 2: there is no 'task'"),
            (#""task":1,"failure""#, #""task":"1","failure""#, "event 3: 'task' is not a whole number"),
            (#""type":"HTTP","#, "", "event 3, failure, cause: there is no 'type'"),
            ("2023-11-14T22:13:20.123Z\",\"task", "noon\",\"task", "event 2: 'time' is not a time"),
            ("0000000000000001\"", "\"", "event 2: 'secret' is not 32 hexadecimal digits"),
            (#""kind":"event""#, #""kind":"shout""#, "event 4: a message of the kind 'shout' is not known"),
            (#"{"region":"eu"}"#, #"{"region":1}"#, "event 1: 'tags' is not an object of texts"),
        ]
    )
    func problems(part: String, replacement: String, sentence: String) {
        let text = part.isEmpty ? String(Self.golden.dropLast(3)) : Self.golden.replacing(part, with: replacement)
        let problem = #expect(throws: HistoryJSON.Problem.self) { try HistoryJSON.decode(Array(text.utf8)) }
        #expect(problem?.description.contains(sentence) == true, "\(problem?.description ?? "none")")
    }

    @Test("No cut, and no changed byte, traps")
    func damage() {
        let bytes = Array(Self.golden.utf8)
        for cut in 0..<bytes.count {
            #expect(throws: HistoryJSON.Problem.self) { try HistoryJSON.decode(Array(bytes.prefix(cut))) }
        }
        for at in bytes.indices {
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "9"), UInt8(ascii: "]"), 0, 0xFF] {
                var changed = bytes
                changed[at] = byte
                do { _ = try HistoryJSON.decode(changed) } catch { #expect(!error.description.isEmpty) }
            }
        }
    }
}
