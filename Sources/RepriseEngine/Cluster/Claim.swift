import RepriseKernel

/// A node's place in one partition: what it has seen of the lock, and what has become of its tries.
struct Claim: Equatable {
    /// Someone waits to try for the lock.
    private(set) var isWaiting = false
    private(set) var isLooking = false
    private(set) var nextLook: Duration = .zero
    /// Since when every look has found the lock free.
    private var freeSince: Duration?
    /// The last look found it free for long enough.
    private var isFound = false
    /// Tries in a row from which no ownership came, or none that lasted; not before then the next.
    private var fruitless = 0
    private(set) var notBefore: Duration = .zero
    private var owningSince: Duration?
    /// It was told to give the partition up.
    private(set) var isUnwanted = false
    /// It gave it up as it was told, and no one is known to have taken it since.
    private(set) var isGiven = false
    /// Someone had it since this node is connected, and has it no more.
    private(set) var isReleased = false

    // MARK: What the node hears

    mutating func connect(at now: Duration) {
        nextLook = now
        isReleased = false
    }

    mutating func disconnect() {
        isLooking = false
        isFound = false
        freeSince = nil
    }

    /// Someone else has it.
    mutating func noteOwner() { isGiven = false }

    mutating func noteRelease() { isReleased = true }

    mutating func takeOwnership(at now: Duration) {
        owningSince = now
        isGiven = false
        isUnwanted = false
    }

    /// - Parameter lasting: an ownership that ends before is a try that failed.
    mutating func loseOwnership(at now: Duration, lasting: Duration) {
        if let owningSince, now - owningSince >= lasting { fruitless = 0 }
        owningSince = nil
        isGiven = isUnwanted
        isUnwanted = false
        freeSince = nil
    }

    mutating func yield() { isUnwanted = true }

    // MARK: Looking, and going

    mutating func wait(at now: Duration) {
        isWaiting = true
        nextLook = now
    }

    mutating func stopWaiting() { isWaiting = false }

    mutating func lookSoon(at now: Duration) { nextLook = now }

    mutating func beginLook() { isLooking = true }

    mutating func endLook(next: Duration) {
        isLooking = false
        nextLook = next
    }

    /// - Parameter delay: how long it must be found free; nil where it is not for this node.
    mutating func noteFree(at now: Duration, after delay: Duration?) {
        let since = freeSince ?? now
        freeSince = since
        guard let delay else { return }
        if since + delay <= now { isFound = true } else { nextLook = min(nextLook, since + delay) }
    }

    mutating func noteTaken() { freeSince = nil }

    /// What was seen is decided upon now, or seen again.
    mutating func takeFound() -> Bool {
        defer { isFound = false }
        return isFound
    }

    /// Gives how many tries there were without an ownership that lasted, this one included.
    mutating func go() -> Int {
        isWaiting = false
        freeSince = nil
        fruitless += 1
        return fruitless
    }

    mutating func rest(until time: Duration) { notBefore = time }
}
