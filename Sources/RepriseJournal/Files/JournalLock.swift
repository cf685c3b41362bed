import RepriseEngine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Keeps a second opener out, in this process or another, for as long as it lives; the system frees it when the process dies.
struct JournalLock {
    private let file: Descriptor

    init(_ files: JournalFiles) throws {
        file = try Descriptor(creating: files.lock)
        guard try file.tryLock() else {
            let owner = String(decoding: try file.head(20).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            throw JournalError(
                .inUse,
                "the journal of partition \(files.partition) in \(files.directory) is open in "
                    + (Int(owner) == nil ? "another process" : "process \(owner)")
            )
        }
        try file.replace(Array("\(getpid())\n".utf8))
    }
}
