import Foundation
import Synchronization

/// A few lines at the end of stderr that are redrawn repeatedly; nothing at all when stderr is not a terminal.
struct LiveLine: Sendable {
    private let terminal = Terminal.error
    /// How many lines are there now. The signal handler reads it, and must not wait for a lock.
    private static let drawn = Atomic<Int>(0)
    /// One at a time: what two write at once cannot be erased.
    private static let turn = Mutex(())
    /// One digit, for the signal handler.
    static let maximumLines = 9

    var isLive: Bool { terminal.isInteractive }

    /// - Parameter text: plain; cut to the terminal's width.
    func show(_ text: String, _ color: Color = .plain) { show([text], color) }

    /// - Parameter lines: plain; each is cut to the terminal's width, and no more than ``maximumLines`` are shown.
    func show(_ lines: [String], _ color: Color = .plain) {
        guard let width = terminal.width else { return }
        let lines = lines.prefix(Self.maximumLines).map { terminal.paint(Text.cut($0, to: width - 1), color) }
        Self.turn.withLock { _ in
            let former = Self.drawn.exchange(lines.count, ordering: .relaxed)
            // In one write, so that it never flickers.
            Output.write(Array((Self.erasure(former) + lines.joined(separator: "\n")).utf8), to: STDERR_FILENO)
        }
    }

    /// A line that stays, above those that are drawn over.
    func say(_ text: String) {
        Self.turn.withLock { _ in
            let former = Self.drawn.exchange(0, ordering: .relaxed)
            Output.write(Array((Self.erasure(former) + text + "\n").utf8), to: STDERR_FILENO)
        }
    }

    func clear() { Self.clearAll() }

    static func clearAll() {
        turn.withLock { _ in
            let former = drawn.exchange(0, ordering: .relaxed)
            if former > 0 { Output.write(Array(erasure(former).utf8), to: STDERR_FILENO) }
        }
    }

    private static func erasure(_ lines: Int) -> String {
        switch lines {
        case 0: ""
        case 1: "\r\u{1B}[K"
        default: "\r\u{1B}[\(lines - 1)A\u{1B}[J"
        }
    }

    static func eraseFromSignalHandler() {
        let lines = drawn.load(ordering: .relaxed)
        guard lines > 0 else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { bytes in
            var count = 0
            func add(_ byte: UInt8) {
                bytes[count] = byte
                count += 1
            }
            add(0x0D)
            if lines > 1 {
                add(0x1B)
                add(0x5B)
                add(0x30 + UInt8(truncatingIfNeeded: min(lines, maximumLines) - 1))
                add(0x41)
            }
            add(0x1B)
            add(0x5B)
            add(0x4A)
            _ = Foundation.write(STDERR_FILENO, bytes.baseAddress, count)
        }
    }
}
