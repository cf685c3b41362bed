import ArgumentParser
import RepriseBroker
import RepriseKernel

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start an orchestration.",
        discussion: """
            Prints the instance's id once its partition has accepted it; with --wait, its
            output when it has ended; with --watch, also every change of its custom status
            on stderr.

            EXAMPLES
              reprise start E1_HelloSequence --watch
              reprise start CityRecommender --id trip-1 --input 2
              reprise start ImportOrders --input-file orders.json
              echo '{"user":7}' | reprise start ReserveTicket --input-file -
              reprise start Invoice --key order-4711      once, however often it is called
              reprise start Report --at +2h --tag team=billing
              reprise start Cart --id cart-7 --if-exists use --raise Added --event '"tea"'
            """
    )

    @Argument(help: ArgumentHelp("The orchestrator.", valueName: "name"))
    var name: String

    @Option(help: "The instance's id; generated, or derived from --key, when left out.")
    var id: String?

    @Option(help: ArgumentHelp("The input.", valueName: "json"))
    var input: String?

    @Option(help: ArgumentHelp("A file with the input; - is standard input.", valueName: "file"))
    var inputFile: String?

    @Option(
        help: ArgumentHelp("The idempotency key: the same key and id start only once.", valueName: "message-id")
    )
    var key: String?

    @Option(
        help: ArgumentHelp("The earliest time: 2026-11-24T18:30:00Z, or +10m from now.", valueName: "time"),
        transform: TimeArgument.requireTime
    )
    var at: Timestamp?

    @Option(
        help: ArgumentHelp("A tag, kept with the instance. May be repeated.", valueName: "name=value"),
        transform: TagArgument.init
    )
    var tag: [TagArgument] = []

    @Option(
        help: ArgumentHelp("The version of the code it runs on; the nodes' own when left out.", valueName: "version")
    )
    var orchestratorVersion: String?

    @Option(
        help: ArgumentHelp(
            "When the id is taken: replace what has ended, refuse, or use what is there.",
            valueName: "replace|refuse|use"
        ),
        transform: Self.existing
    )
    var ifExists: StartRequest.Existing = .replaceEnded

    @Option(name: .customLong("raise"), help: ArgumentHelp("An event raised in the same step.", valueName: "name"))
    var raised: String?

    @Option(help: ArgumentHelp("With --raise: the event's data; null when left out.", valueName: "json"))
    var event: String?

    @Option(
        name: .customLong("custom-status"),
        help: ArgumentHelp("Its custom status until its code sets another.", valueName: "json")
    )
    var initialStatus: String?

    @Flag(help: "Wait until it ends. Exit code 0 if it completed, 1 if not.")
    var wait = false

    @Flag(help: "Watch it until it ends. Exit codes as with --wait.")
    var watch = false

    @Option(help: ArgumentHelp("With --wait or --watch: no longer than this. Exit code 3.", valueName: "seconds"))
    var timeout: Double?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        do {
            try RegisteredName.check(name, of: "an orchestrator's name")
            if let id { _ = try InstanceID(id) }
            if let orchestratorVersion { try RegisteredName.check(orchestratorVersion, of: "a version") }
            if let raised { try RegisteredName.check(raised, of: "an event's name") }
        } catch {
            throw ValidationError(error.reason)
        }
        if let key, !(1...255).contains(key.utf8.count) {
            throw ValidationError("a message id must have 1 to 255 bytes of UTF-8, this one has \(key.utf8.count)")
        }
        _ = try TagArgument.collect(tag)
        if event != nil, raised == nil { throw ValidationError("--event needs --raise") }
        if ifExists != .replaceEnded, id == nil, key == nil {
            throw ValidationError("--if-exists needs --id or --key: a generated id is never taken")
        }
        if wait, watch { throw ValidationError("either --wait, or --watch") }
        if timeout != nil, !wait, !watch { throw ValidationError("--timeout needs --wait or --watch") }
        try Timeout.check(timeout)
    }

    private static func existing(_ word: String) throws -> StartRequest.Existing {
        guard let existing = StartRequest.Existing(rawValue: word) else {
            let known = StartRequest.Existing.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(word)' is not one of \(known)")
        }
        return existing
    }

    func run() async throws {
        let request = try startRequest()
        let access = try await hub.access()
        let instance = try identity(in: access.hub)
        let command = Command(
            instance: instance,
            action: .start(request),
            messageID: key,
            isInteractive: true
        )
        guard wait || watch else {
            _ = try await access.withClient { client in
                try await client.send(command, ordered: true).requireAcceptance()
            }
            return Output.line(instance.value)
        }
        // If the key may have been used before, or the instance may exist, earlier status messages cannot be received
        // again.
        let isNew = key == nil && ifExists != .use
        let timeout = timeout.map { Duration.seconds($0) }
        try await access.follow(instance, timeout: timeout, quietly: wait) { client in
            try await client.send(command, ordered: true).requireAcceptance()
            return isNew
        }
    }

    private func startRequest() throws -> StartRequest {
        StartRequest(
            orchestrator: name,
            input: try JSONArgument.read(input, file: inputFile, what: "the input"),
            version: orchestratorVersion,
            tags: try TagArgument.collect(tag),
            startTime: at,
            existing: ifExists,
            event: try raised.map {
                let initial = StartRequest.Event(
                    name: $0,
                    payload: try JSONArgument.read(event, file: nil, what: "the event's data")
                )
                try Limits().check(event: initial)
                return initial
            },
            customStatus: try initialStatus.map { try JSONArgument.read($0, file: nil, what: "the custom status") }
        )
    }

    private func identity(in hub: HubName) throws -> InstanceID {
        if let id { return try InstanceID(id) }
        if let key { return DerivedIdentity.instanceID(hub: hub, orchestrator: name, messageID: key) }
        return InstanceID(trusted: RandomName.make())
    }
}
