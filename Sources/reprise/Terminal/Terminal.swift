import Foundation

/// What one of our two outputs is connected to.
struct Terminal: Sendable {
    let descriptor: Int32
    /// False for files, pipes and terminals that can only append.
    let isInteractive: Bool
    let hasColor: Bool

    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let error = Terminal(descriptor: STDERR_FILENO)

    private init(descriptor: Int32) {
        let environment = ProcessInfo.processInfo.environment
        self.descriptor = descriptor
        isInteractive = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        hasColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// The current number of columns: a window may change its size. Nil when lines may have any length.
    var width: Int? {
        guard isInteractive else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    func paint(_ text: String, _ color: Color) -> String {
        hasColor && color != .plain ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}

enum Color: String, Sendable {
    case plain = "0"
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}
