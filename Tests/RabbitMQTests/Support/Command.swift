import Foundation
import Glibc

/// Runs a program and waits for it alone.
///
/// Foundation's `Process` waits for everything that the program leaves behind, and a script that starts a broker leaves
/// a broker behind.
enum Command {
    static func run(_ arguments: [String]) async -> (status: Int32, output: String) {
        await withCheckedContinuation { ended in
            Thread.detachNewThread { ended.resume(returning: runAndWait(arguments)) }
        }
    }

    private static func runAndWait(_ arguments: [String]) -> (Int32, String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)").path
        defer { unlink(file) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&pid, arguments[0], &actions, nil, &words, environ) == 0 else { return (-1, "") }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let output = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return ((status >> 8) & 0xFF | (status & 0x7F), output)
    }
}
