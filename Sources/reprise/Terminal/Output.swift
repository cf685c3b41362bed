import Foundation

/// The two outputs: stdout carries the answer, stderr everything meant only for people.
enum Output {
    static func line(_ text: String) { write(Array((text + "\n").utf8), to: STDOUT_FILENO) }
    static func line(_ bytes: [UInt8]) { write(bytes + [0x0A], to: STDOUT_FILENO) }
    static func note(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Foundation.write(
                    descriptor,
                    UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    rest.count
                )
                if written < 0 {
                    if errno == EINTR { continue }
                    // No one is reading any more, so there is no one to tell.
                    return
                }
                rest = rest.dropFirst(written)
            }
        }
    }
}
