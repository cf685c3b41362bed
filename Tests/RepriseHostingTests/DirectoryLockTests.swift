import Foundation
import Testing

@testable import RepriseHosting

@Suite("Who has a data directory")
final class DirectoryLockTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "lock-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func refusal(of owner: DirectoryLock.Owner) -> ProcessFailure? {
        #expect(throws: ProcessFailure.self) { _ = try DirectoryLock(directory, of: owner) }
    }

    @Test(
        "A second one is told that this process has it, and a node and a gateway share one",
        arguments: [false, true]
    )
    func second(isMade: Bool) throws {
        if isMade { try DataDirectory.make(directory) }
        let node = try DirectoryLock(directory, of: .node)
        let gateway = try DirectoryLock(directory, of: .gateway)
        let refused = try #require(refusal(of: .node))
        #expect(refused.exitCode == ProcessFailure.otherwise)
        #expect(
            "\(refused)"
                == "the data directory '\(directory)' is in use by another node of this process: stop that one, or "
                + "give this node its own directory (REPRISE_DATA)"
        )
        #expect(
            refusal(of: .gateway)?.message.hasPrefix("the read model in '\(directory)' is in use by another gateway ")
                == true
        )
        node.release()
        gateway.release()
    }

    @Test("It is free when its owner is gone")
    func freed() throws {
        for _ in 0..<2 { try DirectoryLock(directory, of: .node).release() }
    }

    @Test("Another process is named, unless no one can know it")
    func another() throws {
        let node = try DirectoryLock(directory, of: .node)
        let file = URL(filePath: "\(directory)/node.lock")
        let process = ProcessInfo.processInfo
        #expect(
            try String(contentsOf: file, encoding: .utf8).hasPrefix("\(process.processIdentifier) \(process.hostName) ")
        )
        for (text, holder) in [
            ("4711 elsewhere 1\n", ", process 4711 on 'elsewhere'"), ("", ""), ("no number 1\n", ""), ("1 2", ""),
        ] {
            try Data(text.utf8).write(to: file, options: [])
            #expect(refusal(of: .node)?.message.contains("by another node\(holder): stop") == true)
        }
        node.release()
    }

    @Test("A file that cannot be made is a setting that cannot be used")
    func unusable() throws {
        try FileManager.default.createDirectory(atPath: "\(directory)/node.lock", withIntermediateDirectories: true)
        let refused = refusal(of: .node)
        #expect(refused?.exitCode == ProcessFailure.usage)
        #expect(refused?.message.hasPrefix("'\(directory)/node.lock' cannot be written (") == true)
    }
}
