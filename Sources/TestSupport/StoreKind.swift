/// The operational stores a suite runs over: `@Test(arguments: StoreKind.allCases)`.
package enum StoreKind: String, CaseIterable, Sendable {
    case sqlite
    case postgresql
}
