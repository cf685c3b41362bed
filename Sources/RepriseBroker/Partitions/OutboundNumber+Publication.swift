import RepriseKernel

/// A message of a partition has its number as the id of its publication.
extension OutboundNumber {
    var publicationID: UInt64 { UInt64(bitPattern: rawValue) }

    init(publicationID: UInt64) { self.init(rawValue: Int64(bitPattern: publicationID)) }
}
