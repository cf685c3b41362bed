import RepriseKernel
import Testing

@testable import RepriseHTTP

@Suite struct PreferenceTests {
    @Test func aRevisionIsNamedByItsTagWeakOrNot() {
        let revision = Revision(incarnation: 17, version: 4)
        #expect(revision.tag == #""17.4""#)
        for fields in [
            [#""17.4""#], [#"W/"17.4""#], [#""1.1", "17.4""#], ["\"x\"", " W/\"17.4\"\t"], ["*"],
        ] { #expect(revision.isNamed(in: fields), "\(fields)") }
        for fields in [[], [""], [#""17.5""#], ["17.4"], [#""17.4"#]] {
            #expect(!revision.isNamed(in: fields), "\(fields)")
        }
    }

    @Test func theNewestOfSeveralTagsCounts() {
        #expect(Revision.newest(in: [#""1.4", W/"2.1""#, "*"]) == Revision(incarnation: 2, version: 1))
        for nothing in [[], ["*"], ["2.1"], [#""2""#], [#""2.1.1""#], [#""x.1""#], [#""99999999999999999999.1""#]] {
            #expect(Revision.newest(in: nothing) == nil, "\(nothing)")
        }
    }

    @Test func aLaterIncarnationIsNewerThanAnyVersion() {
        #expect(Revision(incarnation: 2, version: 1) > Revision(incarnation: 1, version: 9))
        #expect(Revision(incarnation: 2, version: 2) > Revision(incarnation: 2, version: 1))
    }

    @Test func aWaitIsReadAmongOtherPreferences() {
        func seconds(_ fields: String...) -> Int64? { PreferredWait(fields, maximum: .seconds(230))?.seconds }
        #expect(seconds("wait=10") == 10)
        #expect(seconds("respond-async, Wait=10; x") == 10)
        #expect(seconds("return=minimal", "wait = 5") == 5)
        #expect(seconds("wait=9999") == 230)
        for nothing in ["", "wait", "wait=", "wait=x", "wait=0", "wait=-1", "wait=99999999999999999999"] {
            #expect(seconds(nothing) == nil, "\(nothing)")
        }
    }
}
