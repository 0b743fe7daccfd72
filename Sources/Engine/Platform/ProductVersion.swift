/// The version of this program, as the command line, the API and the metrics tell it; CHANGELOG.md lists what each brought.
package enum ProductVersion {
    package static let current = "0.1.0"
}
