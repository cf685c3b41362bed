import Foundation
import Reprise
import RepriseKernel
import Testing

@Suite struct ZoneRulesTests {
    private static let zones = [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata",
        "Asia/Kathmandu", "America/St_Johns", "Africa/Lagos", "Pacific/Chatham", "Antarctica/Troll", "UTC",
    ]

    /// Foundation has rules of its own: in these zones and years they are the same.
    @Test(arguments: zones) func agreesWithFoundation(zone: String) throws {
        let rules = try ZoneDatabase.rules(of: zone)
        let other = try #require(TimeZone(identifier: zone))
        // Every 7 hours and 13 minutes from 1980 to 2037, beyond the changes that a file spells out.
        for time in stride(from: Int64(315_532_800), to: 2_145_916_800, by: 25_980) {
            let expected = other.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time)))
            guard rules.offset(at: time) != expected else { continue }
            Issue.record(
                "\(zone) at \(Date(timeIntervalSince1970: Double(time))): \(rules.offset(at: time)), not \(expected)"
            )
            return
        }
    }

    /// Beyond what files spell out in full, the rule at their end counts.
    @Test func aRuleGoesOnForEver() throws {
        let berlin = try ZoneDatabase.rules(of: "Europe/Berlin")
        #expect(berlin.offset(at: try seconds("2999-07-01T12:00:00Z")) == 7_200)
        #expect(berlin.offset(at: try seconds("2999-01-01T12:00:00Z")) == 3_600)
        // The last Sunday of March 2999 is the 31st.
        #expect(berlin.offset(at: try seconds("2999-03-31T00:59:59Z")) == 3_600)
        #expect(berlin.offset(at: try seconds("2999-03-31T01:00:00Z")) == 7_200)
    }

    @Test(arguments: [
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2030-01-01T00:00:00Z", 39_600),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2030-07-01T00:00:00Z", 36_000),
        ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2030-07-01T00:00:00Z", -7_200),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2030-01-01T00:00:00Z", 0),
        ("EST5", "2030-07-01T00:00:00Z", -18_000),
        ("EST5EDT,J60/2,J300/2", "2032-03-01T06:59:59Z", -18_000),
        ("EST5EDT,J60/2,J300/2", "2032-03-01T07:00:00Z", -14_400),
        ("EST5EDT,59/2,299/2", "2032-02-29T07:00:00Z", -14_400),
        ("<+0545>-5:45", "2030-01-01T00:00:00Z", 20_700),
    ]) func readsTheRuleAtAFilesEnd(rule: String, time: String, offset: Int) throws {
        let rules = try #require(ZoneRules(file(rule: rule)))
        #expect(rules.offset(at: try seconds(time)) == offset)
    }

    @Test(arguments: ["", "ES5", "EST", "EST5EDT,M13.1.0,M4.1.0", "EST5EDT,M3.1.0", "<+05", "EST5EDT,M3.6.0,M4.1.0,x"])
    func aRuleThatCannotBeReadIsNone(rule: String) throws {
        // Its only type counts then.
        #expect(try #require(ZoneRules(file(rule: rule))).offset(at: 2_000_000_000) == 0)
    }

    @Test func whatIsNoFileOfZonesIsRefused() throws {
        let whole = file(rule: "EST5")
        for count in 0..<whole.count - 7 { #expect(ZoneRules(Array(whole.prefix(count))) == nil, "\(count) bytes") }
        #expect(ZoneRules(Array("#!/bin/sh".utf8)) == nil)
    }

    @Test(arguments: [
        ("Europe/Berln", "did you mean Europe/Berlin"), ("berlin", "did you mean Europe/Berlin"),
        ("New York", "did you mean America/New_York"), ("europe/berlin", "did you mean Europe/Berlin"),
        ("utc", "did you mean UTC"), ("CEST", "there is no time zone 'CEST'"),
        ("Middle-Earth/Shire", "named as in Europe/Berlin"),
        ("../../../etc/passwd", "there is no time zone"), ("/etc/passwd", "there is no time zone"),
        ("", "there is no time zone ''"),
        ("Europe", "there is no time zone"), ("tzdata.zi", "there is no time zone"),
    ]) func anUnknownZoneSuggestsOthers(name: String, words: String) {
        let failure = #expect(throws: Failure.self) { try ZoneDatabase.rules(of: name) }
        #expect(
            failure?.type == "InvalidSchedule" && failure?.message.contains(words) == true,
            "\(failure?.message ?? "")"
        )
    }

    @Test func aMachineWithoutZonesSaysSo() {
        let failure = #expect(throws: Failure.self) { try ZoneDatabase.read("Europe/Berlin", in: "/nonexistent") }
        #expect(failure?.message.contains("install tzdata") == true)
    }

    private func seconds(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }

    /// The smallest file there can be: UTC, and a rule.
    private func file(rule: String) -> [UInt8] {
        let header =
            Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [0, 0, 0, 0] + [0, 0, 0, 1] + [0, 0, 0, 4]
        let block = [UInt8](repeating: 0, count: 6) + Array("UTC\0".utf8)
        return header + block + header + block + Array("\n\(rule)\n".utf8)
    }
}
