package import Reprise
package import RepriseKernel

package enum TestOrchestrators {
    /// All orchestrators, by name.
    package static func registry(_ leaks: LeakCounter) -> [String: RegisteredOrchestrator] {
        let all =
            [
                RegisteredOrchestrator(Hello(leaks: leaks)), RegisteredOrchestrator(FanOut(leaks: leaks)),
                RegisteredOrchestrator(Retrying(leaks: leaks)), RegisteredOrchestrator(Race(leaks: leaks)),
                RegisteredOrchestrator(Collector(leaks: leaks)), RegisteredOrchestrator(Pacer(leaks: leaks)),
                RegisteredOrchestrator(Deriver(leaks: leaks)), RegisteredOrchestrator(Immediate(leaks: leaks)),
                RegisteredOrchestrator(Thrower(leaks: leaks)), RegisteredOrchestrator(Fickle(leaks: leaks)),
                RegisteredOrchestrator(Stalled()), RegisteredOrchestrator(Boaster(leaks: leaks)),
                RegisteredOrchestrator(Glutton(leaks: leaks)), RegisteredOrchestrator(Hasty(leaks: leaks)),
                RegisteredOrchestrator(Patient(leaks: leaks)), RegisteredOrchestrator(Painter(leaks: leaks)),
            ] + families(leaks) + generations(leaks) + entityUsers(leaks) + cancelable(leaks)
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// All entities, by name.
    package static func entities(_ limits: Limits) -> [String: RegisteredEntity] {
        let all = [RegisteredEntity(Account(), limits: limits), RegisteredEntity(Tally(), limits: limits)]
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// What a worker answers to an attempt.
    ///
    /// - Parameter isMended: whether what is brittle has been put right.
    package static func outcome(of task: ScheduledTask, isMended: Bool = true) -> TaskResult.Outcome {
        guard let job = try? PayloadCoding.decode(Job.self, from: task.input, as: "a job") else {
            return .failed(Failure(type: "BadJob", message: "no job"))
        }
        if task.name == "Failing" { return .failed(Failure(type: "Failing", message: "never")) }
        if task.name == "Flaky", task.attempt < 3 { return .failed(Failure(type: "Flaky", message: "not yet")) }
        if task.name == "Brittle", !isMended { return .failed(Failure(type: "Brittle", message: "not mended")) }
        return .completed(Payload(trusted: Array("\(job.value * 2)".utf8)))
    }
}
