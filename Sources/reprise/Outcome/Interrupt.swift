import Foundation

/// What Ctrl-C does to a command that only looks on: it ends at once, and says nothing.
enum Interrupt {
    /// Whoever started us with the signal ignored (`nohup`, a shell's background job) keeps it so.
    static func leaveQuietly() {
        var previous = sigaction()
        sigaction(SIGINT, nil, &previous)
        guard unsafeBitCast(previous.__sigaction_handler.sa_handler, to: Int.self) != 1 else { return }
        signal(SIGINT) { _ in
            // Nothing here but what a signal handler may do.
            LiveLine.eraseFromSignalHandler()
            _exit(130)
        }
    }
}
