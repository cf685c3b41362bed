import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite struct PublicationPurposeTests {
    private static let ids: [(id: UInt64, purpose: PublicationPurpose)] = [
        (0, .outbound(0)),
        (7, .outbound(7)),
        (0x7FFF_FFFF_FFFF_FFFF, .outbound(OutboundNumber(rawValue: .max))),
        (0x8000_0000_0000_0000, .counted(0)),
        (0x8000_0000_0000_0007, .counted(7)),
        (0xFFFF_FFFF_FFFF_FFFE, .counted(0x7FFF_FFFF_FFFF_FFFE)),
        (0xFFFF_FFFF_FFFF_FFFF, .unawaited),
    ]

    @Test(arguments: ids)
    func anIDSaysWhoWaits(_ id: UInt64, _ purpose: PublicationPurpose) {
        #expect(PublicationPurpose(id: id) == purpose)
        #expect(purpose.id == id)
    }
}
