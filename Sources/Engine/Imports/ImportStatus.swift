/// Where an import is in its life.
package enum ImportStatus: String, Sendable, Codable, CaseIterable {
    /// The file is there and can be planned.
    case uploaded
    /// Asked for; a job will run it.
    case waiting
    case running
    case done
    /// Stopped by a fault that trying again does not mend; what was read before it is stored.
    case failed
    case cancelled

    package var isFinished: Bool {
        switch self {
        case .uploaded, .waiting, .running: false
        case .done, .failed, .cancelled: true
        }
    }
}
