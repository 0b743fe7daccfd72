/// Draws that come out the same each time they are made.
package enum StableHashing {
    /// A number below `bound`, evenly: the first eight bytes of SHA-256 by multiplication (Lemire, 2019).
    package static func draw(_ text: String, below bound: UInt64) -> UInt64 {
        Digest.key64(text).multipliedFullWidth(by: bound).high
    }
}
