import RepriseKernel
import RepriseTestSupport
import Testing

/// What is refused before any broker is asked.
@Suite struct UsageTests {
    @Test(arguments: [
        (["start"], "Missing expected argument '<name>'"),
        (["start", ""], "an orchestrator's name has 1 to 128 bytes of UTF-8, this one has 0"),
        (["start", "A", "--id", "@x"], "an instance id must not begin with '@'"),
        (["start", "A", "--id", "a/b"], "an instance id must not contain '/'"),
        (["start", "A", "--input", "{"], "the input: not JSON: expected a key in quotes (byte 1)"),
        (["start", "A", "--input", "Tokyo"], "(a text needs quotes of its own: '\"Tokyo\"')"),
        (
            ["start", "A", "--input", "1", "--input-file", "x"],
            "the input must come from an argument or a file, not both"
        ),
        (["start", "A", "--input-file", "/no/such/file"], "the file '/no/such/file' cannot be read"),
        (["start", "A", "--timeout", "3"], "--timeout needs --wait or --watch"),
        (["start", "A", "--wait", "--watch"], "either --wait, or --watch"),
        (["start", "A", "--at", "noon"], "'noon' is not a time: write 2026-11-24T18:30:00Z, or +10m from now"),
        (["start", "A", "--tag", "eu"], "a tag must be written name=value; 'eu' is not"),
        (["start", "A", "--tag", "a=1", "--tag", "a=2"], "the tag 'a' has two values"),
        (["start", "A", "--id", "x", "--if-exists", "replce"], "'replce' is not one of replace, refuse, use"),
        (["start", "A", "--if-exists", "use"], "--if-exists needs --id or --key"),
        (["start", "A", "--event", "1"], "--event needs --raise"),
        (["start", "A", "--raise", "E", "--event", "{"], "the event's data: not JSON"),
        (["start", "A", "--orchestrator-version", ""], "a version has 1 to 128 bytes of UTF-8, this one has 0"),
        (["restart", "x", "--same-id", "--new-id", "y"], "either --same-id, or --new-id"),
        (["restart", "x", "--new-id", "a/b"], "an instance id must not contain '/'"),
        (["purge"], "name an instance, select some (--status, --older-than, --name, …), or use --all"),
        (["purge", "x", "--name", "A"], "give an id, or a selection: not both"),
        (["purge", "--all", "--name", "A"], "use --all, or a selection: not both"),
        (["purge", "--status", "Running"], "what is Running has not ended"),
        (["purge", "--older-than", "7"], "'7' is not a duration; one looks like 90s, 10m, 2h or 7d"),
        (["list", "--parent", ""], "an instance id must not be empty"),
        (["schedule", "create", "s", "A"], "give either --cron or --every"),
        (["schedule", "create", "s", "A", "--cron", "* *"], "a cron expression has five fields"),
        (["schedule", "create", "s", "A", "--cron", "0 0 31 2 *"], "never occurs"),
        (
            ["schedule", "create", "s", "A", "--cron", "0 2 * * *", "--time-zone", "Europe/Berln"],
            "there is no time zone 'Europe/Berln': did you mean Europe/Berlin?"
        ),
        (
            ["schedule", "create", "s", "A", "--every", "1h", "--overlap", "never"],
            "'never' is not one of skip, bufferOne, allowAll, cancelOther, terminateOther"
        ),
        (["schedule", "create", "s", "A", "--every", "1h", "--catch-up", "5s"], "'catchUpSeconds' is from 10"),
        (["schedule", "backfill", "s", "--from", "2026-01-02", "--to", "2026-01-01"], "--to is before --from"),
        (
            ["schedule", "create", "s", "A", "--every", "1h", "--at", "+2d", "--until", "+1d"],
            "it would never start anything"
        ),
        (["entity", "get", "counter"], "an entity's id must be written @name@key; 'counter' is not"),
        (["entity", "signal", "@counter"], "an id that begins with '@' names an entity and is written @name@key"),
        (["entity", "signal", "@counter@a", ""], "an operation's name has 1 to 128 bytes"),
        (["start", "A", "--watch", "--timeout", "0"], "a timeout must be more than 0 seconds"),
        (["start", "A", "--key", ""], "a message id must have 1 to 255 bytes of UTF-8"),
        (["list", "--status", "Sleeping"], "'Sleeping' is not a status; they are Running, Completed"),
        (["list", "--top", "0"], "--top must be a number from 1 to 100000"),
        (["raise", "x"], "Missing expected argument '<event>'"),
        (["raise", "x", "E", "{]"], "the event's data: not JSON"),
        (["dead", "retry"], "name dead letters by their ids, or use --all"),
        (["dead", "drop", "x", "--all"], "either ids, or --all"),
        (["bench", "hello", "--count", "0"], "--count must be from 1 to 10000000"),
        (["gateway", "--port", "70000"], "a port must be a number from 0 to 65535"),
        (
            ["gateway", "--host", "0.0.0.0"],
            "0.0.0.0 can be reached from other machines, and there is no authentication yet"
        ),
        (["list", "--hub", "Not a hub"], "a hub name has 1 to 40 of a-z, 0-9 and '-'"),
        (["list", "--amqp-url", "http://x"], "the scheme must be amqp or amqps"),
        (["list", "--log-level", "loud"], "the log level must be one of trace, debug"),
        (["bench", "status", "--count", "0"], "--count must be from 1 to 100000000"),
        (["count", "--hub", "Not a hub"], "a hub name has 1 to 40 of a-z, 0-9 and '-'"),
        (["count", "--gateway", "amqp://x"], "'amqp://x' is not the address of a gateway"),
        (["index", "add"], "Missing expected argument '<path>'"),
        (["nonsense"], "Unexpected argument 'nonsense'"),
    ])
    func wrongUsage(arguments: [String], sentence: String) async throws {
        let run = try await Program([try TestEnvironment.program("reprise")] + arguments).outcome()
        #expect(run.code == 64, "\(run)")
        #expect(run.errors.hasPrefix("error: "), "\(run)")
        #expect(run.errors.contains(sentence), "\(run)")
        #expect(run.output.isEmpty, "\(run)")
    }

    @Test func saysItsVersion() async throws {
        let run = try await Program([try TestEnvironment.program("reprise"), "--version"]).outcome()
        #expect(run.code == 0, "\(run)")
        #expect(run.output == "reprise \(Release.version)\n", "\(run)")
        #expect(Release.version.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
    }

    /// The gateway on 127.0.0.1:7071 was asked whatever broker was set: another hub of the same name answered.
    @Test(arguments: [["count"], ["list", "--filter", "age > 1h"], ["index", "list"]])
    func aBrokerIsSetAndNoGateway(arguments: [String]) async throws {
        let run = try await Program(
            [try TestEnvironment.program("reprise")] + arguments,
            environment: ["REPRISE_AMQP_URL": "amqp://guest:S3cretPw@127.0.0.1:1/"]
        ).outcome()
        #expect(run.code == 64, "\(run)")
        #expect(run.errors.contains("a broker is set, but not which gateway serves its hub"), "\(run)")
        #expect(!run.errors.contains("S3cretPw"))
    }

    @Test func tooLargeAnInput() async throws {
        let fits = "\"" + String(repeating: "x", count: 1_048_574) + "\""
        let run = try await reprise(
            "start",
            "A",
            "--input-file",
            "-",
            "--amqp-url",
            "amqp://127.0.0.1:1/",
            input: fits + " "
        )
        #expect(run.code == 64)
        #expect(run.errors.contains("a message can hold 1048576"))
        let fitting = try await reprise(
            "start",
            "A",
            "--input-file",
            "-",
            "--amqp-url",
            "amqp://127.0.0.1:1/",
            input: fits
        )
        #expect(fitting.code == 69)
    }

    @Test func noBroker() async throws {
        let run = try await reprise("list", "--amqp-url", "amqp://guest:secret@127.0.0.1:1/")
        #expect(run.code == 69)
        #expect(run.errors.contains("127.0.0.1:1"))
        #expect(!run.errors.contains("secret"))
    }
}
