import Foundation
import Synchronization

/// One line on stderr that is drawn over and over; nothing at all where stderr is no terminal.
struct LiveLine: Sendable {
    private let terminal = Terminal.error
    private static let isDrawn = Atomic<Bool>(false)
    private static let erasure = "\r\u{1B}[K"

    var isLive: Bool { terminal.isInteractive }

    /// - Parameter text: plain; cut to the terminal's width.
    func show(_ text: String, _ color: Color = .plain) {
        guard let width = terminal.width else { return }
        let line = terminal.paint(Text.cut(text, to: width - 1), color)
        Self.isDrawn.store(true, ordering: .relaxed)
        // In one write, so that it never flickers.
        Output.write(Array((Self.erasure + line).utf8), to: STDERR_FILENO)
    }

    func clear() { Self.clearAll() }

    static func clearAll() {
        guard isDrawn.exchange(false, ordering: .relaxed) else { return }
        Output.write(Array(erasure.utf8), to: STDERR_FILENO)
    }

    static func eraseFromSignalHandler() {
        guard isDrawn.load(ordering: .relaxed) else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { bytes in
            bytes[0] = 0x0D
            bytes[1] = 0x1B
            bytes[2] = 0x5B
            bytes[3] = 0x4B
            _ = Foundation.write(STDERR_FILENO, bytes.baseAddress, 4)
        }
    }
}
