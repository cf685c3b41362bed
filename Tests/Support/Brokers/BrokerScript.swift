package import Foundation

/// `infra/broker` for one broker, which a test may stop, kill and starve when no one else uses it.
package struct BrokerScript: Sendable {
    package let name: String

    /// Not by a name of its own: two runs can stand side by side, and what one leaves behind is found by its name.
    private init(name: String) { self.name = name }

    /// The broker that all tests share.
    package static var shared: BrokerScript { get throws { BrokerScript(name: try TestEnvironment.brokerName) } }

    /// One of a test's own, which `infra/test` wipes in the end.
    package static func own(_ suffix: String) throws -> BrokerScript {
        BrokerScript(name: "\(try TestEnvironment.brokerName)-\(suffix)")
    }

    /// - Returns: the last line that the script prints.
    @discardableResult
    package func run(_ verb: String, _ arguments: [String] = []) async throws -> String {
        try await Script.run(
            Script.repository.appending(path: "infra/broker").path,
            [verb, "--name", name] + arguments
        )
    }

    /// Starts it, or starts it again over what it had, and returns its URL.
    @discardableResult
    package func start(_ arguments: [String] = []) async throws -> String { try await run("start", arguments) }

    /// kill -9.
    package func kill() async throws { try await run("kill") }

    /// Stops it, and forgets everything.
    package func wipe() async throws { try await run("stop", ["--wipe"]) }

    /// `rabbitmqctl`, with these arguments.
    package func control(_ arguments: String...) async throws { try await run("ctl", ["--"] + arguments) }

    /// Has it do something with a queue, `Q` in Erlang.
    package func evaluate(_ expression: String, of queue: String) async throws {
        let resource = "rabbit_misc:r(<<\"/\">>, queue, <<\"\(queue)\">>)"
        try await control("eval", "{ok, Q} = rabbit_amqqueue:lookup(\(resource)), \(expression).")
    }

    /// What it has written to its log so far.
    package func log() throws -> String {
        try String(contentsOf: directory.appending(path: "log/broker.log"), encoding: .utf8)
    }

    /// Where its files are.
    package var directory: URL { Script.repository.appending(path: ".reprise/broker/\(name)") }
}
