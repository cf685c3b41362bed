import Reprise

/// Offers a discount to a user, and waits a minute for the booking to be confirmed.
struct ReserveTicket: Orchestrator {
    struct Offer: Codable {
        var discount: Int
        var discountTimeout: Int
        var bookingUrl: String
    }

    struct Note: Codable {
        var message: String
    }

    func run(_ context: OrchestrationContext, input userID: JSON) async throws -> Bool {
        let discount = try await context.call(CalculateDiscount.self, userID)
        try context.setCustomStatus(
            Offer(discount: discount, discountTimeout: 60, bookingUrl: "https://www.myawesomebookingweb.com")
        )
        let isConfirmed: Bool
        do {
            isConfirmed = try await context.waitForEvent("BookingConfirmed", timeout: .seconds(60))
        } catch is EventTimeout {
            isConfirmed = false
        }
        try context.setCustomStatus(
            Note(
                message: isConfirmed
                    ? "Thank you for confirming your booking."
                    : "The booking was not confirmed on time. Please try again."
            )
        )
        return isConfirmed
    }
}

/// The discount for a user id, a number or a string: the same for the same user.
struct CalculateDiscount: Activity {
    func run(_ context: ActivityContext, input userID: JSON) async throws -> Int {
        let digits =
            switch userID {
            case .integer(let number): String(number)
            case .string(let text) where !text.isEmpty: text
            default:
                throw Failure(type: "InvalidUser", message: "a user id is a number or a string", isNonRetriable: true)
            }
        return digits.utf8.reduce(0) { ($0 * 31 + Int($1)) % 41 } + 10
    }
}
