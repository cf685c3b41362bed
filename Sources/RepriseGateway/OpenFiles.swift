import Foundation

/// How many files and connections this process may have open. The usual limit, 1,024, is below what a gateway serves.
enum OpenFiles {
    /// Raises the limit as far as the machine's administrator allows; a higher one stays.
    static func allow(_ count: Int) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
        // If it cannot be raised, connections beyond it wait to be accepted.
        _ = setrlimit(resource, &limit)
    }

    #if canImport(Glibc)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif
}
