#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension SplitMix64 {
    /// A generator of its own for a part of the whole, so that parts do not depend on each other.
    package init(seed: UInt64, part: UInt64) {
        var mixer = SplitMix64(seed: seed ^ (part &* 0xD6E8_FEB8_6659_FD93))
        self.init(seed: mixer.next())
    }

    /// 0 ≤ x < 1, 53 bits.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// A whole number of the range. The bias of the remainder is below 2⁻⁴⁰ for the ranges used here.
    mutating func whole(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() >> 1) % (range.upperBound - range.lowerBound + 1)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[whole(0...elements.count - 1)]
    }

    /// An index drawn by cumulative weights that end in their sum.
    mutating func index(cumulative: [Double]) -> Int {
        let target = unit() * (cumulative.last ?? 0)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
    }

    mutating func exponential(mean: Double) -> Double {
        -mean * log(1 - unit())
    }

    /// Box and Muller, “A note on the generation of random normal deviates” (1958).
    mutating func normal(mean: Double = 0, deviation: Double = 1) -> Double {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return mean + deviation * radius * cos(2 * Double.pi * unit())
    }

    /// Marsaglia and Tsang, “A simple method for generating gamma variables” (2000), with its boost below shape 1.
    mutating func gamma(shape: Double, scale: Double) -> Double {
        if shape < 1 { return gamma(shape: shape + 1, scale: scale) * pow(1 - unit(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        let attemptsMax = 1_000
        for _ in 0..<attemptsMax {
            let x = normal()
            let v = pow(1 + c * x, 3)
            if v > 0, log(1 - unit()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v * scale }
        }
        return d * scale
    }

    mutating func beta(_ a: Double, _ b: Double) -> Double {
        let x = gamma(shape: a, scale: 1)
        let y = gamma(shape: b, scale: 1)
        return x / (x + y)
    }

    /// Knuth's method, for small means.
    mutating func poisson(mean: Double) -> Int {
        let limit = exp(-mean)
        var product = unit()
        var count = 0
        let most = 200
        while product > limit, count < most {
            product *= unit()
            count += 1
        }
        return count
    }
}
