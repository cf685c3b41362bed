#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The directory that holds the journals.
package enum DataDirectory {
    /// Creates the directory, and those above it, readable by their owner only.
    ///
    /// - Throws: ``SettingsError`` that says which cannot be created, and why.
    package static func make(_ path: String) throws(SettingsError) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            let part = String(path[..<end])
            guard mkdir(part, 0o700) != 0, errno != EEXIST, !isDirectory(part) else { continue }
            throw cannotBeMade(path)
        }
        errno = ENOTDIR
        guard isDirectory(path) else { throw cannotBeMade(path) }
        guard access(path, W_OK | X_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw SettingsError("REPRISE_DATA: the directory '\(path)' cannot be written: \(reason)")
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        let reason = errno
        var found = stat()
        defer { errno = reason }
        return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFDIR
    }

    private static func cannotBeMade(_ path: String) -> SettingsError {
        let reason = String(cString: strerror(errno))
        return SettingsError("REPRISE_DATA: the directory '\(path)' cannot be created: \(reason)")
    }
}
