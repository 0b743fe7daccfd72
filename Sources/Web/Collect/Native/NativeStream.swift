import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Takes an NDJSON stream of any length in bounded memory: lines are gathered into batches, each durable before the
/// next is read.
struct NativeStream {
    private let moment: CollectMoment
    private let regions: RegionFile?
    private let append: (IncomingBatch) async throws -> Void
    private let sourceID: Int64
    private(set) var receipt = NativeReceipt()
    private var batch = CollectedBatch()
    private var repeated = RepeatedIDs()
    private var first = 0
    private var batchBytes = 0
    private var tail: [UInt8] = []
    private var isSkipping = false
    private var receivedBytes = 0

    private static let batchEvents = 500
    private static let batchBytesMax = 512 * 1024
    /// Compressed bytes inflated at a time: they can grow a thousandfold.
    private static let pieceBytes = 2 * 1024
    /// A line may be this long before it is given up as an event; more of it is not kept.
    private static let lineBytes = EventLimits.rawBytes

    init(
        sourceID: Int64, moment: CollectMoment, regions: RegionFile?,
        append: @escaping (IncomingBatch) async throws -> Void
    ) {
        self.sourceID = sourceID
        self.moment = moment
        self.regions = regions
        self.append = append
    }

    /// Throws: `Problem` 413 beyond `EventLimits.streamBytes`, 400 for damaged gzip; what came before is stored.
    mutating func take(_ body: RequestBody, isGzip: Bool) async throws {
        let inflater = isGzip ? try GzipInflater(limit: EventLimits.streamBytes) : nil
        for try await chunk in body {
            receivedBytes += chunk.readableBytes
            guard receivedBytes <= EventLimits.streamBytes else { throw tooLong() }
            guard let inflater else {
                try await take(Array(chunk.readableBytesView))
                continue
            }
            try await inflate(chunk, inflater)
        }
        if let inflater { try mended { try inflater.finish() } }
        if !tail.isEmpty { line(tail) }
        try await flush()
    }

    private mutating func inflate(_ chunk: ByteBuffer, _ inflater: GzipInflater) async throws {
        var chunk = chunk
        while let piece = chunk.readSlice(length: min(Self.pieceBytes, chunk.readableBytes)), piece.readableBytes > 0 {
            var bytes: [UInt8] = []
            try mended { try inflater.inflate(piece, into: &bytes) }
            try await take(bytes)
        }
    }

    /// Broken gzip as a problem that tells how much was stored.
    private func mended(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch GzipInflater.Failure.tooLarge {
            throw tooLong()
        } catch GzipInflater.Failure.expands {
            throw Problem(
                .contentTooLarge, "too_large",
                "A gzip stream unpacks to at most \(GzipInflater.expansionMax) times its size. "
                    + "\(receipt.stored) events before that were stored.")
        } catch {
            throw Problem(
                .badRequest, "bad_gzip",
                "The gzip stream is damaged or cut off. \(receipt.stored) events before it were stored.")
        }
    }

    private func tooLong() -> Problem {
        Problem(
            .contentTooLarge, "too_large",
            "A stream has at most \(EventLimits.streamBytes) bytes. \(receipt.stored) events were stored.")
    }

    private mutating func take(_ bytes: [UInt8]) async throws {
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            if tail.isEmpty, !isSkipping {
                line(Array(bytes[start..<end]))
            } else {
                keep(bytes[start..<end])
                line(tail)
                tail.removeAll(keepingCapacity: true)
                isSkipping = false
            }
            start = end + 1
            if batch.count - first >= Self.batchEvents || batchBytes >= Self.batchBytesMax { try await flush() }
        }
        keep(bytes[start...])
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        let room = Self.lineBytes - tail.count
        if part.count > room { isSkipping = true }
        tail += part.prefix(max(room, 0))
    }

    private mutating func line(_ bytes: [UInt8]) {
        guard bytes.contains(where: { $0 > 0x20 }) else { return }
        batchBytes += bytes.count
        if bytes.count >= EventLimits.eventBytes * 2 {
            let flaw = ItemFlaw(.tooLarge, "An event has at most \(EventLimits.eventBytes) bytes.")
            batch.add(
                .failure(
                    flaw.refusal(
                        raw: Array(bytes.prefix(EventLimits.rawBytes)), messageID: nil, dialect: NativeBody.dialect)))
            return
        }
        bytes.withUnsafeBufferPointer { NativeBody.readLine($0, moment, into: &batch, &repeated) }
    }

    private mutating func flush() async throws {
        guard batch.count > first else { return }
        try await append(batch.placed(by: regions).incoming(sourceID: sourceID))
        receipt.note(batch, first: first)
        first = batch.count
        batch.events.removeAll(keepingCapacity: true)
        batch.rejected.removeAll(keepingCapacity: true)
        batchBytes = 0
    }
}
