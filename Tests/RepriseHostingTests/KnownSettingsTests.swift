import RepriseHosting
import Testing

/// `REPRISE_PARTITONS=8` made a hub of four partitions, and no one said a word.
@Suite("A name that is not a setting")
struct KnownSettingsTests {
    @Test(
        "A misspelled variable is an error that names the one that was meant",
        arguments: [
            ("REPRISE_PARTITONS", "REPRISE_PARTITIONS"), ("REPRISE_HUBS", "REPRISE_HUB"),
            ("reprise_hub", "REPRISE_HUB"),
            ("REPRIS_HUB", "REPRISE_HUB"), ("REPRISE_URL", "REPRISE_AMQP_URL"), ("REPRISE_ROELS", "REPRISE_ROLES"),
            ("REPRISE_LOGLEVEL", "REPRISE_LOG_LEVEL"), ("REPRISE_HTTP_READONLY", "REPRISE_HTTP_READ_ONLY"),
            ("REPRISE_CONFG", "REPRISE_CONFIG"),
        ]
    )
    func misspelt(name: String, meant: String) throws {
        let error = #expect(throws: SettingsError.self) { try KnownSettings.check(environment: [name: "secret"]) }
        #expect(error?.message == "no such setting: \(name) (did you mean \(meant)?); correct or remove it")
    }

    @Test("Settings of the gateway, the command line and the tests are known to a node")
    func shared() throws {
        let environment = [
            "REPRISE_GATEWAY": "http://127.0.0.1:7071", "REPRISE_HTTP_READ_ONLY": "on", "REPRISE_LOG_LEVEL": "debug",
            "REPRISE_PARTITIONS": "8", "REPRISE_CONFIG": "a.json", "REPRISE_TEST_AMQP_URL": "", "REPRISE_SEED": "7",
            "ENTERPRISE_HUB": "x", "HOME": "/", "_": "x",
        ]
        #expect(try KnownSettings.check(environment: environment) == nil)
    }

    @Test("What Kubernetes says of a service called reprise is nothing to remark on")
    func services() throws {
        let environment = [
            "REPRISE_SERVICE_HOST": "10.0.0.1", "REPRISE_SERVICE_PORT": "7071", "REPRISE_SERVICE_PORT_HTTP": "7071",
            "REPRISE_PORT": "tcp://10.0.0.1:7071", "REPRISE_PORT_7071_TCP": "tcp://10.0.0.1:7071",
            "REPRISE_PORT_7071_TCP_ADDR": "10.0.0.1", "REPRISE_GATEWAY_PORT": "tcp://10.0.0.2:80",
        ]
        #expect(try KnownSettings.check(environment: environment) == nil)
    }

    @Test("What may be a later release's, or someone's own, is remarked on")
    func others() throws {
        let environment = [
            "REPRISE_WORKERS": "8", "REPRISE_NODE_IMAGE": "a:1", "REPRISE_PORT": "7071", "REPRISE_NODES": "3",
            "REPRISE_NODE": "a",
        ]
        let remark = try #require(try KnownSettings.check(environment: environment))
        #expect(
            remark.contains(
                """
                no such setting: REPRISE_NODES (there is REPRISE_NODE), REPRISE_NODE_IMAGE (there is REPRISE_NODE), \
                REPRISE_PORT, REPRISE_WORKERS
                """
            )
        )
    }

    @Test(
        "A key of the file that is not a setting is an error",
        arguments: [
            (#"{"reprise": {"partitons": 8}}"#, "no setting 'reprise.partitons'; did you mean 'reprise.partitions'?"),
            (#"{"reprise": {"amqp": {"uri": "x"}}}"#, "did you mean 'reprise.amqp.url'?"),
            (#"{"reprise": {"http": {"read_only": true}}}"#, "did you mean 'reprise.http.readOnly'?"),
            (
                #"{"reprise": {"workers": 8}}"#,
                "no setting 'reprise.workers'; there are: activity.concurrency, amqp.url"
            ),
            (#"{"partitions": 8}"#, #"settings go under "reprise": {"reprise": {"partitions": …}}"#),
            (#"{"amqp": {"url": "x"}}"#, #"settings go under "reprise": {"reprise": {"amqp": …}}"#),
            (#"{"amqp.url": "x"}"#, #"settings go under "reprise": {"reprise": {"amqp.url": …}}"#),
            (#"{"Reprise": {"hub": "billing"}}"#, #"did you mean "reprise"?"#),
            (#"{"reprise.hob": "billing"}"#, "no setting 'reprise.hob'; did you mean 'reprise.hub'?"),
            (#"{"reprise": 7}"#, #""reprise" must be an object of settings"#),
            (#"["reprise"]"#, "is not a JSON object"),
            (#"{"reprise": {"hub": "a"}"#, "cannot be read: not JSON"),
        ]
    )
    func file(text: String, says: String) throws {
        let error = #expect(throws: SettingsError.self) { try SettingsFile(Array(text.utf8), path: "a.json") }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("the configuration file 'a.json'") == true)
    }

    /// A number was read as nothing: `{"heartbeat": 3}` left it at 5, and `"roles": […]` gave a node all of them.
    @Test("A value counts, however JSON writes it; what else an application keeps there is its own")
    func values() throws {
        let text = #"""
            {"version": 7, "logging": {"level": "info"}, "reprise": {"heartbeat": 3, "log": true, "log.level": "debug", "data": null,
             "roles": ["activities", "orchestrations"], "amqp": {"url": "amqp://a"}}}
            """#
        #expect(
            try SettingsFile(Array(text.utf8), path: "a.json").values == [
                "reprise.heartbeat": "3", "reprise.log": "true", "reprise.log.level": "debug",
                "reprise.roles": "activities,orchestrations", "reprise.amqp.url": "amqp://a",
            ]
        )
    }

    /// What was read until a check came between was passed over in silence, and the node began a hub of another name.
    @Test("Names in full count, beside an object of settings too")
    func full() throws {
        let text =
            #"{"reprise.hub": "billing", "reprise.amqp": {"url": "amqp://a"}, "reprise": {"log": true}, "log": "x"}"#
        let file = try SettingsFile(Array(text.utf8), path: "a.json")
        #expect(
            file.values == ["reprise.hub": "billing", "reprise.amqp.url": "amqp://a", "reprise.log": "true"]
        )
        #expect(file.remark == nil)
    }

    /// A program with a file of its own, which has a `log` and a `version` as most have, did not start any more.
    @Test("A file of an application that says nothing of Reprise ends no program")
    func applications() throws {
        let text = #"{"version": 7, "log": "info", "data": {}, "node": 1, "hub": "x", "http": {"port": 80}, "mine": 1}"#
        let file = try SettingsFile(Array(text.utf8), path: "a.json")
        #expect(file.values.isEmpty)
        let remark = try #require(file.remark)
        #expect(remark.contains("'a.json'") && remark.contains(#"under which settings go"#))
        for name in ["log", "data", "node", "hub", "http", "version"] {
            #expect(remark.contains("\"\(name)\""), "\(remark)")
        }
        #expect(!remark.contains("mine"))
        let beside = #"{"log": "info", "reprise": {"log": true}}"#
        #expect(try SettingsFile(Array(beside.utf8), path: "a.json").remark == nil)
        #expect(try SettingsFile(Array(#"{"mine": 1}"#.utf8), path: "a.json").remark == nil)
    }
}
