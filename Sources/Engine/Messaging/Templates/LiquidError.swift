/// What is wrong with a text in our subset of Liquid, and on which line of it.
package struct LiquidError: Error, Sendable, Equatable {
    package enum Flaw: Sendable, Equatable {
        /// `{{` or `{%` without its end.
        case unclosed(String)
        case unknownTag(String)
        /// `endif` where no `if` is open, `else` where none can be.
        case misplaced(String)
        /// A block that never ends: `if`, `for`, …
        case missingEnd(String)
        /// What stands where something else is needed.
        case unexpected(String)
        case unknownFilter(String)
        case unknownName(String)
        case tooDeep
        case tooLong(bytes: Int)
        /// It went on for too long, or made too much.
        case tooManySteps
        case tooMuchOutput(bytes: Int)
        /// A filter cannot be used on this.
        case badArgument(String)
    }

    package var flaw: Flaw
    package var line: Int

    package init(_ flaw: Flaw, line: Int) {
        self.flaw = flaw
        self.line = line
    }
}

/// The bounds of a text and of making one.
package enum LiquidLimits {
    package static let sourceBytes = 200_000
    package static let depth = 32
    /// Nodes visited and filters applied.
    package static let steps = 100_000
    package static let outputBytes = 1_000_000
}
