/// Where the result of a task goes: the instance that waits, and the token that identifies the attempt.
package struct TaskAddress: Hashable, Sendable {
    package var instance: InstanceID
    package var token: TaskToken

    package init(instance: InstanceID, token: TaskToken) {
        self.instance = instance
        self.token = token
    }
}
