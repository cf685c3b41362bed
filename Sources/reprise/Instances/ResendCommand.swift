import ArgumentParser
import RepriseBroker
import RepriseKernel

struct ResendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Send again what instances wait for, after the broker has lost messages.",
        discussion: """
            For when a queue was purged or deleted. Tasks, starts of children and entity
            operations go out with their old keys and tokens: a receiver that has already
            done the work answers again instead. A task that is still in its queue is then
            there twice, and may be done twice, under one idempotency key.

            EXAMPLES
              reprise resend trip-1      what one instance waits for
              reprise resend             what any instance of the hub waits for
            """
    )

    @Argument(help: ArgumentHelp("One instance; all instances of the hub when left out.", valueName: "id"))
    var id: String?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        do {
            if let id { _ = try InstanceID(id) }
        } catch {
            throw ValidationError(error.reason)
        }
    }

    func run() async throws {
        guard let id else { return try await resendAll() }
        let instance = try InstanceID(id)
        let count = try await hub.access().withClient { client in
            let command = Command(instance: instance, action: .resend, isInteractive: true)
            return try await client.send(command, ordered: true).requireCount()
        }
        Output.note(
            count > 0 ? "sent \(Amount.of(count, "message")) of '\(id)' again" : "'\(id)' waits for nobody's answer"
        )
    }

    private func resendAll() async throws {
        let counts = try await hub.access().withClient { client in try await InstanceResend().run(client) }
        for (number, count) in counts.enumerated() {
            Output.line(
                "partition \(number): sent \(Amount.of(count.messages, "message")) of "
                    + "\(Amount.of(count.instances, "instance")) again"
            )
        }
    }
}
