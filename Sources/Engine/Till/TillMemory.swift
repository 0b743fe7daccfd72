import Storage

/// What a process remembers between commands of tills: the program in force and what its conditions stand on. A command
/// reads two numbers when nothing changed (`ProgramCache`, `SegmentCache`); what is published at the same moment is in
/// force for the next command, as for any transaction.
package final class TillMemory: Sendable {
    let program = ProgramCache()
    let segments = SegmentCache()

    package init() {}
}
