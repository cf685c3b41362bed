import RepriseEngine

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A file or directory by its descriptor: the few calls the journal makes around SQLite, each with its errors.
final class Descriptor: Sendable {
    let path: String
    private let number: Int32

    /// Opens, and creates when missing. Not inherited by child processes, which would keep holding the lock.
    init(creating path: String) throws(FileFailure) {
        self.path = path
        number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw FileFailure("open", path) }
    }

    init(reading path: String) throws(FileFailure) {
        self.path = path
        number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw FileFailure("open", path) }
    }

    deinit { close(number) }

    /// False when it is already held: by another process, or this one through another descriptor.
    func tryLock() throws(FileFailure) -> Bool {
        if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw FileFailure("lock", path) }
        return false
    }

    func size() throws(FileFailure) -> Int {
        let end = lseek(number, 0, SEEK_END)
        guard end >= 0 else { throw FileFailure("read", path) }
        return Int(end)
    }

    /// At most `count` bytes from the start.
    func head(_ count: Int) throws(FileFailure) -> [UInt8] { try read(count, at: 0) }

    /// At most `count` bytes; fewer only near the end.
    func read(_ count: Int, at offset: Int) throws(FileFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = pread(number, &bytes, count, off_t(offset))
        guard read >= 0 else { throw FileFailure("read", path) }
        if read < count { bytes.removeLast(count - read) }
        return bytes
    }

    /// Writes all of them; an incomplete write on a full disk is an error too.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let at = off_t(offset + bytes.count - rest.count)
            let count = rest.withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, at) }
            guard count > 0 else { throw FileFailure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Replaces the whole contents.
    func replace(_ bytes: [UInt8]) throws(FileFailure) {
        guard ftruncate(number, 0) == 0 else { throw FileFailure("write", path) }
        try overwrite(bytes, at: 0)
    }

    func sync() throws(FileFailure) {
        guard fsync(number) == 0 else { throw FileFailure("sync", path) }
    }
}

/// Names in a directory. A new name is only durable once its directory has been synced.
enum Names {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func createDirectory(_ path: String) throws(FileFailure) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try createDirectory(String(path[..<slash])) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFailure("create", path) }
        try syncDirectory(of: path)
    }

    /// Throws when users other than its owner can put files into a directory, and so replace our journal with theirs.
    static func refuseShared(_ directory: String) throws {
        var found = stat()
        guard stat(directory, &found) == 0 else { throw FileFailure("look at", directory) }
        guard found.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw JournalError(
                .mismatch,
                "others can write to \(directory), and so replace its files: run 'chmod go-w \(directory)', or choose "
                    + "another data directory"
            )
        }
    }

    /// Makes a file, if it exists, accessible only to its owner.
    static func makePrivate(_ path: String) throws(FileFailure) {
        guard chmod(path, 0o600) == 0 || errno == ENOENT else { throw FileFailure("change the mode of", path) }
    }

    static func move(_ from: String, to: String) throws(FileFailure) {
        guard rename(from, to) == 0 else { throw FileFailure("rename", from) }
        try syncDirectory(of: to)
    }

    static func remove(_ path: String) throws(FileFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileFailure("remove", path) }
    }

    static func syncDirectory(of path: String) throws(FileFailure) {
        guard let slash = path.lastIndex(of: "/") else { return try Descriptor(reading: ".").sync() }
        try Descriptor(reading: slash == path.startIndex ? "/" : String(path[..<slash])).sync()
    }
}

/// A system call that failed.
struct FileFailure: Error {
    let message: String
    let isFull: Bool

    init(_ action: String, _ path: String) {
        let code = errno
        message = "cannot \(action) \(path): \(String(cString: strerror(code)))"
        isFull = code == ENOSPC || code == EDQUOT
    }
}
