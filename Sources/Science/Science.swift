// Pure numerics: numbers in, numbers out. No clock, no stores, no Foundation.
//
// Invariants of this room:
// - A function gives the same answer for the same columns on every machine; sums of integers are exact.
// - Days are whole numbers (days since 1970 in some calendar), money is whole minor units.
// - Every formula names its source where it is computed.
