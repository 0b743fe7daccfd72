import Testing

@testable import Web

@Test func placeholderWeb() { #expect(Bool(true)) }
