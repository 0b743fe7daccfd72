import Logging

/// Where this target reports what it could mend by itself.
enum StorageLog {
    static let logger = Logger(label: "perennial.storage")
}
