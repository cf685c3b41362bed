import Reprise
import RepriseClient
import Testing

@Suite("A reader of an instance's changes misses none")
struct ChangeTests {
    private let id = InstanceID(trusted: "trip-1")

    private static func page(_ versions: [String], _ status: String = "Running", isCut: Bool = false)
        -> Result<GatewayAnswer, TransportFailure>
    {
        let changes = versions.map { revision in
            let parts = revision.split(separator: ".")
            return #"{"type":"CustomStatusSet","incarnation":\#(parts[0]),"version":\#(parts[1]),"#
                + #""time":"2026-11-27T10:00:00.123Z","runtimeStatus":"\#(status)","customStatus":\#(parts[1])}"#
        }
        let next = isCut ? "\"\(versions.last ?? "")\"" : "null"
        return .status(
            200,
            #"{"runtimeStatus":"\#(status)","changes":[\#(changes.joined(separator: ","))],"next":\#(next)}"#,
            ["preference-applied": "wait=30"]
        )
    }

    private func read(_ gateway: ScriptedGateway, after revision: String? = nil) async throws -> [String] {
        let revision = revision.flatMap { Revision(tag: "\"\($0)\"") }
        var read: [String] = []
        for try await change in try gateway.client().changes(of: id, after: revision) {
            read.append("\(change.revision) \(try change.customStatus(as: Int.self) ?? -1)")
        }
        return read
    }

    @Test("Pages follow each other, held once all is read; the end ends the sequence")
    func pages() async throws {
        let gateway = ScriptedGateway([
            Self.page(["7.1", "7.2"], isCut: true), Self.page(["7.3"]), Self.page([]), .lost, .status(503),
            Self.page(["7.4"]), Self.page(["7.5"], "Completed"),
        ])
        #expect(try await read(gateway) == ["7.1 1", "7.2 2", "7.3 3", "7.4 4", "7.5 5"])
        #expect(
            gateway.asked.map { $0.url.split(separator: "?").dropFirst().joined() } == [
                "", "after=7.2", "after=7.3", "after=7.3", "after=7.3", "after=7.3", "after=7.4",
            ]
        )
        #expect(gateway.asked.map { $0.headers["Prefer"] } == [nil] + Array(repeating: "wait=30", count: 6))
    }

    @Test("Who has seen some goes on there; what another gateway tells again is passed over")
    func resuming() async throws {
        let gateway = ScriptedGateway([
            Self.page(["7.3", "7.4"]), Self.page(["7.2", "7.3", "8.1"]), Self.page(["8.2"], "Failed"),
        ])
        #expect(try await read(gateway, after: "7.3") == ["7.4 4", "8.1 1", "8.2 2"])
    }

    @Test("Purged meanwhile, the sequence ends; never there, it throws")
    func absence() async throws {
        #expect(try await read(ScriptedGateway([Self.page(["1.1"]), .status(404)])) == ["1.1 1"])
        let error = await #expect(throws: RepriseError.self) { try await read(ScriptedGateway([.status(404)])) }
        #expect(error?.code == .unknownInstance)
    }
}
