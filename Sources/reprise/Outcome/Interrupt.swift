import Foundation

/// What Ctrl-C does to a command that only watches: it ends at once and silently.
enum Interrupt {
    /// If we were started with the signal ignored (`nohup`, a shell's background job), it stays ignored.
    static func leaveQuietly() {
        var previous = sigaction()
        sigaction(SIGINT, nil, &previous)
        guard unsafeBitCast(previous.__sigaction_handler.sa_handler, to: Int.self) != 1 else { return }
        signal(SIGINT) { _ in
            // Only what a signal handler may do.
            LiveLine.eraseFromSignalHandler()
            _exit(130)
        }
    }
}
