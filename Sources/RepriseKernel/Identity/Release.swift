/// Which release this is: the one place that says so.
package enum Release {
    package static let version = "0.1.0"
}
