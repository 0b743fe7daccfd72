import Logging
import ServiceLifecycle
import Storage

/// One look into the mailbox that letters come back to: what is new is taken, and deleted where that is wished.
///
/// Any number of processes may look; one at a time does. A process that dies between reading a letter and writing down what
/// it says leaves it to be read again; one that dies before a letter is deleted leaves that to the next.
struct BounceMailboxPoll: Sendable {
    private let platform: Platform
    private let owner: String

    init(platform: Platform) {
        self.platform = platform
        owner = platform.effects.randomHex(bytes: 8)
    }

    /// Looks if it is time to. Returns whether there is more to be read at once. Throws: `StorageError`,
    /// `CancellationError`; what the mail server does is kept in the state.
    func step() async throws -> Bool {
        let now = platform.effects.now()
        let (settings, isDue) = try await platform.store.read {
            (try BounceMailbox.load($0), try BounceMailboxState.isDue(at: now, $0))
        }
        guard settings.isOn, settings.isSetUp, isDue else { return false }
        let claimed = try await platform.store.write { [owner] in
            try BounceMailboxState.claim(owner, place: settings.place, at: now, $0)
        }
        guard var held = claimed else { return false }
        do {
            return try await look(settings, &held)
        } catch BounceMailboxError.leaseLost {
            return false
        } catch let error as CancellationError {
            throw error
        } catch {
            platform.logger.warning("mailbox not read", metadata: ["reason": "\(Self.kind(error))"])
            try await fail(error, settings, held)
            return false
        }
    }

    private func look(_ settings: BounceMailbox, _ held: inout BounceMailboxState) async throws -> Bool {
        let connection = IMAPConnection(try settings.server(platform.seal))
        let folder = try await connection.open()
        if held.validity != folder.validity { held.begin(validity: folder.validity) }
        try await delete(connection, settings, &held)
        let isMore = try await read(connection, folder, settings, &held)
        try await delete(connection, settings, &held)
        let now = platform.effects.now()
        held.succeeded(next: isMore ? now : now.adding(milliseconds: settings.everyMinutes * 60_000), at: now)
        try await write(held, isHeld: false)
        return isMore
    }

    /// Takes letters up to the limits of one look. Returns whether some are left.
    private func read(
        _ connection: IMAPConnection, _ folder: IMAPConnection.Folder, _ settings: BounceMailbox,
        _ held: inout BounceMailboxState
    ) async throws -> Bool {
        let last = folder.next.map { $0 - 1 }
        var (letters, bytes) = (0, 0)
        for _ in 0..<BounceMailboxLimits.searches {
            if let last, held.mark >= last { return false }
            let upper = last.map { min($0, held.mark + BounceMailboxLimits.searchSpan) }
            for uid in try await connection.search(from: held.mark + 1, to: upper) {
                guard letters < BounceMailboxLimits.letters, bytes < BounceMailboxLimits.bytes,
                    !Task.isShuttingDownGracefully
                else { return !Task.isShuttingDownGracefully }
                try Task.checkCancellation()
                bytes += try await take(uid, connection, settings, &held)
                letters += 1
            }
            guard let upper else { return false }
            if upper > held.mark { held.pass(upper) }
        }
        return true
    }

    /// One letter: what it says, and that it was taken, in one transaction. Returns its bytes.
    private func take(
        _ uid: Int64, _ connection: IMAPConnection, _ settings: BounceMailbox, _ held: inout BounceMailboxState
    ) async throws -> Int {
        if held.stuckUID == uid, held.stuckTries >= BounceMailboxLimits.tries {
            held.skipped += 1
            held.pass(uid)
            try await write(held, isHeld: true)
            return 0
        }
        do {
            let letter = try await connection.letter(uid)
            held = try await apply(letter, uid, settings, held)
            return letter.count
        } catch IMAPError.gone {
            held.pass(uid)
            return 0
        } catch let error as BounceMailboxError {
            throw error
        } catch {
            held.stick(at: uid)
            throw error
        }
    }

    private func apply(
        _ letter: [UInt8], _ uid: Int64, _ settings: BounceMailbox, _ before: BounceMailboxState
    ) async throws -> BounceMailboxState {
        let report = BounceReport(letter)
        var after = before
        after.pass(uid)
        after.letters += 1
        if report != nil {
            after.reports += 1
            if settings.keeping == .deleted {
                after.pending = Array((after.pending + [uid]).suffix(BounceMailboxLimits.pending))
            }
        }
        let effects = platform.effects
        try await platform.store.write { [after] connection in
            // First, so that a process that lost its lease takes nothing.
            try after.write(isHeld: true, at: effects.now(), connection)
            try report?.apply(effects, connection)
        }
        return after
    }

    private func delete(
        _ connection: IMAPConnection, _ settings: BounceMailbox, _ held: inout BounceMailboxState
    ) async throws {
        guard !held.pending.isEmpty else { return }
        if settings.keeping == .deleted {
            for start in stride(from: 0, to: held.pending.count, by: BounceMailboxLimits.letters) {
                let end = min(start + BounceMailboxLimits.letters, held.pending.count)
                try await connection.delete(Array(held.pending[start..<end]))
            }
        }
        held.pending = []
        try await write(held, isHeld: true)
    }

    private func write(_ held: BounceMailboxState, isHeld: Bool) async throws {
        let effects = platform.effects
        try await platform.store.write { try held.write(isHeld: isHeld, at: effects.now(), $0) }
    }

    private func fail(_ error: any Error, _ settings: BounceMailbox, _ held: BounceMailboxState) async throws {
        var failed = held
        failed.failed(Self.words(error), everyMinutes: settings.everyMinutes, at: platform.effects.now())
        do {
            try await write(failed, isHeld: false)
        } catch BounceMailboxError.leaseLost {
            return
        }
    }

    static func words(_ error: any Error) -> String {
        switch error {
        case let error as IMAPError: error.words
        case is SealError: "The password was sealed under another key"
        default: "\(error)"
        }
    }

    /// For the log, which holds no words of others.
    private static func kind(_ error: any Error) -> String {
        switch error {
        case IMAPError.unreachable: "unreachable"
        case IMAPError.notLetIn: "not_let_in"
        case IMAPError.refused, IMAPError.gone: "refused"
        case is SealError: "sealed"
        default: "store"
        }
    }
}
