import ArgumentParser
import Foundation
import RepriseKernel

/// A JSON value from an argument, a file or standard input.
enum JSONArgument {
    /// - Parameter what: what the value is, for the error sentence.
    /// - Throws: a usage failure when both are given, or the text is not JSON or too large.
    static func read(_ text: String?, file: String?, what: String) throws -> Payload {
        if text != nil, file != nil {
            throw CommandFailure(.usage, "\(what) must come from an argument or a file, not both")
        }
        if let file {
            return try check(try contents(of: file), what: "\(what) in \(file == "-" ? "standard input" : file)")
        }
        return try check(Array((text ?? "").utf8), what: what)
    }

    private static func check(_ bytes: [UInt8], what: String) throws -> Payload {
        let limit = Limits().bodyBytes
        guard bytes.count <= limit else {
            throw CommandFailure(.usage, "\(what) has \(bytes.count) bytes; a message can hold \(limit)")
        }
        do {
            return try Payload(checking: bytes)
        } catch {
            throw CommandFailure(.usage, "\(what): \(error)" + advice(bytes))
        }
    }

    /// A common mistake: the shell has removed the quotes.
    private static func advice(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(40), as: UTF8.self)
        guard bytes.count <= 40, text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }) else {
            return ""
        }
        return " (a text needs quotes of its own: '\"\(text)\"')"
    }

    private static func contents(of file: String) throws -> [UInt8] {
        let handle: FileHandle
        if file == "-" {
            handle = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: file) else {
                throw CommandFailure(.usage, "the file '\(file)' cannot be read")
            }
            handle = opened
        }
        do {
            // Only enough to see that it is too large.
            var bytes: [UInt8] = []
            while bytes.count <= Limits().bodyBytes, let part = try handle.read(upToCount: 65_536), !part.isEmpty {
                bytes += part
            }
            return bytes
        } catch {
            throw CommandFailure(.usage, "the file '\(file)' cannot be read")
        }
    }
}
