#if canImport(CryptoKit)
    import CryptoKit
#else
    import CLibCrypto
#endif

/// SHA-256 over bytes that arrive in pieces. A copy continues independently.
package struct SHA256Digest {
    private var hash = Hash()

    package init() {}

    package mutating func combine(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { combine($0) }
    }

    package mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        if !isKnownUniquelyReferenced(&hash) { hash = hash.copy() }
        hash.update(bytes)
    }

    /// The digest of what has arrived so far.
    package func bytes() -> [UInt8] { hash.copy().finish() }

    package static func of(_ bytes: [UInt8]) -> [UInt8] {
        var digest = SHA256Digest()
        digest.combine(bytes)
        return digest.hash.finish()
    }
}

#if canImport(CryptoKit)
    private final class Hash {
        private var state: SHA256

        init(_ state: SHA256 = SHA256()) { self.state = state }

        func copy() -> Hash { Hash(state) }
        func update(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }
        func finish() -> [UInt8] { Array(state.finalize()) }
    }
#else
    /// OpenSSL's, which librabbitmq loads anyway: nothing needs to be compiled for one hash.
    private final class Hash {
        private let context: OpaquePointer

        // Proof of Sendable: looked up once, and only read.
        private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)
        private static let size = 32

        init() {
            context = Self.new()
            precondition(EVP_DigestInit_ex(context, Self.algorithm, nil) == 1, "OpenSSL has no SHA-256")
        }

        private init(copying other: Hash) {
            context = Self.new()
            precondition(EVP_MD_CTX_copy_ex(context, other.context) == 1, "OpenSSL cannot copy a digest")
        }

        deinit { EVP_MD_CTX_free(context) }

        private static func new() -> OpaquePointer {
            guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
            return context
        }

        func copy() -> Hash { Hash(copying: self) }

        func update(_ bytes: UnsafeRawBufferPointer) {
            precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "OpenSSL's digest failed")
        }

        /// Nothing may follow.
        func finish() -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
                precondition(EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1, "OpenSSL's digest failed")
                count = Self.size
            }
        }
    }
#endif
