import Foundation
import RepriseHosting

/// Where a gateway will listen. Tried before the broker is contacted, while the person who starts it is watching.
struct ListeningAddress {
    let host: String
    let port: Int

    /// Listens there for a moment.
    ///
    /// - Throws: a failure that says why it cannot listen, and what to do.
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
        // As the server does: connections of a previous gateway may linger.
        var isReused: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
            throw failure(errno)
        }
    }

    /// The failure for an error of the server; nil when it is not about the address.
    func failure(_ error: any Error) -> ProcessFailure? {
        let text = "\(error)"
        // Another process took the port in the meantime.
        for code in [EADDRINUSE, EACCES, EADDRNOTAVAIL]
        where text.hasPrefix("bind(") && text.contains("(errno: \(code))") {
            return failure(code)
        }
        return nil
    }

    /// The failure for a `bind` or `listen` that ended with `code`.
    private func failure(_ code: Int32) -> ProcessFailure {
        let (reason, advice) =
            switch code {
            case EADDRINUSE:
                ("the port is taken (by another gateway?)", "stop that process, or choose another port")
            case EACCES: ("this user is not allowed to use the port", "choose a port from 1024 up")
            case EADDRNOTAVAIL: ("this machine has no such address", "choose another host")
            default: (String(cString: strerror(code)), "choose another port or host")
            }
        let place = host.contains(":") ? "[\(host)]" : host
        return ProcessFailure(ProcessFailure.otherwise, "cannot listen on \(place):\(port): \(reason); \(advice)")
    }
}
