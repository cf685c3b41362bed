import ArgumentParser
import RepriseBroker
import RepriseKernel

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start an orchestration.",
        discussion: """
            Prints the instance's id once its partition has accepted it; with --watch,
            shows every change of its custom status on stderr and at last prints its
            output.

            EXAMPLES
              reprise start E1_HelloSequence --watch
              reprise start CityRecommender --id trip-1 --input 2
              reprise start ImportOrders --input-file orders.json
              echo '{"user":7}' | reprise start ReserveTicket --input-file -
              reprise start Invoice --key order-4711      once, however often it is called
            """
    )

    @Argument(help: ArgumentHelp("The orchestrator.", valueName: "name"))
    var name: String

    @Option(help: "The instance's id; drawn, or derived from --key, when left out.")
    var id: String?

    @Option(help: ArgumentHelp("The input.", valueName: "json"))
    var input: String?

    @Option(help: ArgumentHelp("A file that holds the input; - is standard input.", valueName: "file"))
    var inputFile: String?

    @Option(
        help: ArgumentHelp("The idempotency key: the same key and instance start only once.", valueName: "message-id")
    )
    var key: String?

    @Flag(help: "Look on until it ends. Exit code 0 when it completed, 1 when not.")
    var watch = false

    @Option(help: ArgumentHelp("With --watch: look on no longer than that. Exit code 3.", valueName: "seconds"))
    var timeout: Double?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        do {
            try RegisteredName.check(name, of: "an orchestrator's name")
            if let id { _ = try InstanceID(id) }
        } catch {
            throw ValidationError(error.reason)
        }
        if let key, !(1...255).contains(key.utf8.count) {
            throw ValidationError("a message id has 1 to 255 bytes of UTF-8, this one has \(key.utf8.count)")
        }
        if timeout != nil, !watch { throw ValidationError("--timeout needs --watch") }
        try Timeout.check(timeout)
    }

    func run() async throws {
        let input = try JSONArgument.read(input, file: inputFile, what: "the input")
        let access = try await hub.access()
        let instance = try identity(in: access.hub)
        let command = Command(
            instance: instance,
            action: .start(orchestrator: name, input: input),
            messageID: key,
            isInteractive: true
        )
        guard watch else {
            try await access.withClient { client in try await client.send(command, ordered: true).requireAcceptance() }
            return Output.line(instance.value)
        }
        // A key may have been used before; then what has been said cannot be heard again.
        let isNew = key == nil
        try await access.follow(instance, timeout: timeout.map { .seconds($0) }) { client in
            try await client.send(command, ordered: true).requireAcceptance()
            return isNew
        }
    }

    private func identity(in hub: HubName) throws -> InstanceID {
        if let id { return try InstanceID(id) }
        if let key { return DerivedIdentity.instanceID(hub: hub, orchestrator: name, messageID: key) }
        return InstanceID(trusted: RandomName.make())
    }
}
