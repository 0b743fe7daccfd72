import Testing
@testable import Science
@Test func placeholderScience() { #expect(Bool(true)) }
