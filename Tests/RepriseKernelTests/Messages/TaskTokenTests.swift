import RepriseKernel
import Testing

@Suite("A task token comes back as it went, or is none")
struct TaskTokenTests {
    @Test(
        "Round trip",
        arguments: [
            TaskToken(incarnation: 1, task: TaskID(1), attempt: 1, secret: TaskSecret(high: 0, low: 0)),
            TaskToken(incarnation: .max, task: TaskID(.max), attempt: .max, secret: TaskSecret(high: .max, low: .max)),
            TaskToken(
                incarnation: 7,
                task: TaskID(42),
                attempt: 3,
                secret: TaskSecret(high: 1, low: 0xFEDC_BA98_7654_3210)
            ),
        ]
    )
    func roundTrip(token: TaskToken) {
        #expect(TaskToken(token.description) == token)
    }

    @Test("Its form")
    func form() {
        let token = TaskToken(
            incarnation: 7,
            task: TaskID(42),
            attempt: 3,
            secret: TaskSecret(high: 1, low: 0xFEDC_BA98_7654_3210)
        )
        #expect(token.description == "7.42.3.0000000000000001fedcba9876543210")
    }

    private static let secret = "0000000000000001fedcba9876543210"

    @Test(
        "Strings that someone else made",
        arguments: [
            "", ".", "...", "....", "7.42.3", "7.42.3.", "7.42.3.\(secret).", ".7.42.3.\(secret)", "7.42.3.\(secret)0",
            "7.42.3.\(secret.dropLast())",
            "x.42.3.\(secret)", "7..3.\(secret)", "+7.42.3.\(secret)", "07.42.3.\(secret)", "7.42.-0.\(secret)",
            " 7.42.3.\(secret)",
            "7.42.3.\(secret.uppercased())", "7.42.3.+00000000000001fedcba9876543210",
            "7.42.3.-000000000000001+edcba9876543210",
            "9223372036854775808.42.3.\(secret)", "7.99999999999999999999.3.\(secret)",
            "7.42.3.\(String(repeating: "g", count: 32))",
            "7.42.3.\(String(repeating: "ä", count: 16))", "7.42.3.\(String(repeating: "🚂", count: 8))",
            "٧.42.3.\(secret)",
            String(repeating: ".", count: 100_000), String(repeating: "9", count: 100_000), "7.42.3.\(secret)\u{0}",
        ]
    )
    func hostile(text: String) {
        #expect(TaskToken(text) == nil)
    }
}
