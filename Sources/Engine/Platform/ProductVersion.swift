/// The version of this program, as the command line and the API tell it; CHANGELOG.md lists what each brought.
package enum ProductVersion {
    package static let current = "0.1.0"
}
