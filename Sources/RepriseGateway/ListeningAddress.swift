import Foundation
import RepriseHosting

/// Where a gateway will listen. Tried before it asks a broker for anything, while whoever starts it looks on.
struct ListeningAddress {
    let host: String
    let port: Int

    /// Listens there for a moment.
    ///
    /// - Throws: a failure that says why it cannot be, and what to do.
    func check() throws(ProcessFailure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let address = found?.pointee else {
            throw ProcessFailure(
                ProcessFailure.usage,
                "the gateway cannot listen on '\(host)': \(String(cString: gai_strerror(status))); choose another host"
            )
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        // As the server does: connections of a former gateway may linger.
        var isReused: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
            throw failure(errno)
        }
    }

    /// What an error of the server means; nil for one that is not about its address.
    func failure(_ error: any Error) -> ProcessFailure? {
        let text = "\(error)"
        // Somebody took the port in the meantime.
        for code in [EADDRINUSE, EACCES, EADDRNOTAVAIL]
        where text.hasPrefix("bind(") && text.contains("(errno: \(code))") {
            return failure(code)
        }
        return nil
    }

    /// What a `bind` or `listen` means that ended with `code`.
    private func failure(_ code: Int32) -> ProcessFailure {
        let (reason, advice) =
            switch code {
            case EADDRINUSE:
                ("another process has the port (a gateway that runs already?)", "end that, or choose another port")
            case EACCES: ("this user may not have the port", "choose another port, from 1024")
            case EADDRNOTAVAIL: ("this machine has no such address", "choose another host")
            default: (String(cString: strerror(code)), "choose another port or host")
            }
        let place = host.contains(":") ? "[\(host)]" : host
        return ProcessFailure(ProcessFailure.otherwise, "\(place):\(port) cannot be listened on: \(reason); \(advice)")
    }
}
