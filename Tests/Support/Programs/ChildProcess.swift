import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A program that a test has started: its words go to files, and its end is heard, whatever else was started beside it.
///
/// Foundation's `Process` hears of an end by a socket that other children may have inherited.
package final class ChildProcess: Sendable {
    package let processID: Int32
    private let ending: Task<Int32, any Error>
    private let ended: Flag

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// - Parameters:
    ///   - path: the whole path of the program.
    ///   - output: a file that its words are appended to; made when there is none.
    ///   - errors: the same for stderr; may be the same file, and is the caller's own stderr when nil.
    /// - Throws: what the system says of a program that cannot be started, or a file that cannot be opened.
    package static func launch(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        input: String = "/dev/null",
        output: String,
        errors: String?
    ) async throws -> ChildProcess {
        let (started, starting) = AsyncStream.makeStream(of: Int32.self)
        let ended = Flag()
        // Not a child of the caller's task: who is canceled decides for itself what becomes of the program.
        let ending = Task.detached {
            defer { starting.finish() }
            let result = try await Subprocess.run(
                .path(FilePath(path)),
                arguments: Arguments(arguments),
                environment: .custom(
                    Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
                ),
                input: .fileDescriptor(try FileDescriptor.open(input, .readOnly), closeAfterSpawningProcess: true),
                output: .fileDescriptor(try appending(to: output), closeAfterSpawningProcess: true),
                error: .fileDescriptor(
                    try errors.map(appending) ?? FileDescriptor.standardError.duplicate(),
                    closeAfterSpawningProcess: true
                )
            ) { execution in
                starting.yield(Int32(execution.processIdentifier.value))
            }
            ended.set()
            return switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        }
        // A caller canceled meanwhile gets it too, since no one else could end it.
        let begun = Task.detached { await started.first { _ in true } }
        guard let processID = await begun.value else {
            _ = try await ending.value
            throw CancellationError()
        }
        return ChildProcess(processID: processID, ending: ending, ended: ended)
    }

    private init(processID: Int32, ending: Task<Int32, any Error>, ended: Flag) {
        self.processID = processID
        self.ending = ending
        self.ended = ended
    }

    package var hasEnded: Bool { ended.isSet }

    /// Waits until it has ended, also when the waiting task is canceled; gives its exit code, or 128 and the signal
    /// that ended it.
    @discardableResult
    package func end() async -> Int32 {
        do {
            return try await ending.value
        } catch {
            fatalError("the system does not say how process \(processID) ended: \(error)")
        }
    }

    private static func appending(to path: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .append],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
    }
}
