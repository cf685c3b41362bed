/// Words in the names of types that mean here what they mean everywhere: in English, in Swift, to anyone who knows
/// AMQP, HTTP or SQL. A word with a meaning of this project's own belongs in the Glossary, not here.
enum PlainWords {
    static let all = Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))

    private static let text = """
        accepted access acknowledgement action add addition admission ages alarm amount announcement announcer
        any api argument arguments armed arrival assembler assembly awaited backlog backoff bar batch beginning
        bench binding broken byte bytes cache cached calendar catch cause channel check checkup children choice
        client clock closing cluster codec coding color columns compared comparison components configuration
        confirm confirms connection container content contents context continuation continued convertible core
        counter course crash create cron cursor damage damaged data database dates day death declaration
        declared declined decoder delete delivery demand departure depth derived described describing
        description descriptor difference digest direct directory display doctor document domain doorbell
        drained drop due ear encoder ending endpoint entry environment error evicted examination excerpt
        executor existing facts families faults filling filter fold former forward forwarder fragments frame
        gate gathering generator get group grouping guard guess handshake happening head header health held
        hello hidden high holding host identity inbound inboxes info inline inspection interrupt invalid
        iterator job keeper kind known lasting ledger left lexer lifecycle limit limits line link links listener
        listeners listening lite literal live load location locked locking logged login loop loopback machine
        made mailbox maker management mark marker match measurement member members membership merge method
        misfit mishap mismatch moment mounted move mq newest note notes notice notifier object observations
        observed observer open opening option options origin original outage outcome outgoing output outside
        overview owned pace parameters parser partial party passed patch payload percent percentiles place plan
        planner policies position preferred presence probe probed probing problem product promise publication
        publish publishing purge purged purpose query queued quick rabbit raise random randomness range rate
        reader rebuild rebuilding received receiver recent reception receptions reconcile reconnecting record
        recorded recorder recovered refusal registered rejection release remove repair replayed replica reply
        reported reporter request responder return role room root rounding routing row rows rule rules runner
        scanner scheduled scheduler schema search second secret seeded seen selection sent sequence service
        settings settled settlement settling shape show sight signal silence silent simulated sink size slot
        socket source spelling sq stage standing statement statements statuses store stored stubbed subject
        subscription sum summer supervisor survey suspend suspicion taken takeover target terminal terminate
        test tester text thread ticket timed timeout timeouts timestamp timing topology traits transport tree
        trial tries trouble troubles trust type typed types unanswered unavailable undescribed unfinished unread
        unwatched urgent url verb verdict versioned view violation waiter waiting wall watch watchdog watched
        water window wire wish withdrawn writer year your zone
        """
}
