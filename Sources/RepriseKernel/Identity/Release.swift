/// The version of this release, defined only here.
package enum Release {
    package static let version = "0.1.0"
}
