import Crypto

/// SHA-256 over bytes that come piece by piece.
package struct SHA256Digest {
    private var hash = SHA256()
    package init() {}

    package mutating func combine(_ bytes: [UInt8]) { hash.update(data: bytes) }

    package func bytes() -> [UInt8] { Array(hash.finalize()) }

    package static func of(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}
