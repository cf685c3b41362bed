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
              reprise resend --partition 2 --partition 3
            """
    )

    @Argument(help: ArgumentHelp("One instance; all instances of the hub when left out.", valueName: "id"))
    var id: String?

    @Option(
        name: .customLong("partition"),
        help: ArgumentHelp("Only instances of this partition; may be given several times.", valueName: "number")
    )
    var numbers: [Int] = []

    @OptionGroup var hub: HubOptions

    func validate() throws {
        if id != nil, !numbers.isEmpty {
            throw ValidationError("an instance is in one partition: leave --partition out")
        }
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
        let failures = try await hub.access().withClient { client in
            let all = 0..<client.partitionCount
            if let wrong = numbers.first(where: { !all.contains($0) }) {
                throw CommandFailure(.usage, "there is no partition \(wrong): the hub has \(all.count), from 0")
            }
            var failures: [PartitionNumber: CommandFailure] = [:]
            let partitions = (numbers.isEmpty ? Array(all) : Array(Set(numbers))).map { PartitionNumber($0) }
            await InstanceResend().run(client, partitions: partitions) { partition, result in
                switch result {
                case .success(let count):
                    Output.line(
                        "partition \(partition): sent \(Amount.of(count.messages, "message")) of "
                            + "\(Amount.of(count.instances, "instance")) again"
                    )
                case .failure(let error):
                    failures[partition] = CommandFailure(error) ?? CommandFailure(.failed, "\(error)")
                }
            }
            return failures
        }
        guard let first = failures.min(by: { $0.key < $1.key })?.value else { return }
        let options = failures.keys.sorted().map { "--partition \($0)" }.joined(separator: " ")
        throw CommandFailure(first.code, "\(first.message)\n  ask again: reprise resend \(options)")
    }
}
