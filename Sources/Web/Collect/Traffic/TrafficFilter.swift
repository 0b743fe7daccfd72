import Engine
import Foundation
import Synchronization

/// Tells people from machines among what browsers send, and says what is known about a visitor's browser.
///
/// Only requests of browsers are looked at: what servers send on somebody's behalf is believed. What an identified
/// person did is always kept; a machine that signs in is somebody's affair, not traffic.
package final class TrafficFilter: Sendable {
    private static let flushMilliseconds: Int64 = 2_000
    /// Different things counted between two writes.
    private static let pendingMax = 2_000

    private struct State {
        var pending: [FilteredTraffic.Key: Int64] = [:]
        var writtenAt: Timestamp?
    }

    private let platform: Platform
    private let lists: TrafficLists
    let agents: UserAgents
    private let state = Mutex(State())

    let regions: RegionFile?

    package init(platform: Platform, lists: TrafficLists = .none, regions: RegionFile? = nil) {
        self.platform = platform
        self.regions = regions
        self.lists = lists
        agents = UserAgents(lists: lists)
    }

    struct Verdict: Sendable, Equatable {
        var reason: TrafficReason
        var agent: String
    }

    /// Adds to the events what the visitor's connection tells, and takes out what no person did. Returns why, when
    /// nothing of the request was a person's.
    func sort(
        _ batch: inout CollectedBatch, _ visitor: Visitor, _ moment: CollectMoment, source: Int64, keepsAddress: Bool
    ) -> Verdict? {
        guard visitor.isBrowser, !batch.events.isEmpty else {
            batch = batch.placed(by: regions)
            return nil
        }
        let facts = agents.facts(visitor.userAgent)
        var last: Verdict?
        var people: [IncomingEvent] = []
        var counts: [FilteredTraffic.Key: Int64] = [:]
        for event in batch.events {
            var event = event
            var context = Self.members(event.context)
            let verdict = verdict(visitor, facts, context)
            describe(&context, visitor, facts, keepsAddress: keepsAddress)
            if let verdict {
                last = verdict
                context["traffic"] = .string(verdict.reason.rawValue)
                if moment.settings.traffic == .apart, Self.isAnonymous(event) {
                    counts[
                        FilteredTraffic.Key(sourceID: source, reason: verdict.reason, agent: verdict.agent),
                        default: 0] += 1
                    continue
                }
            }
            event.context = JSONValue.object(context).text()
            people.append(event)
        }
        batch.events = people
        note(counts)
        return people.isEmpty ? last : nil
    }

    /// What a request is by its headers alone.
    func verdict(_ visitor: Visitor, _ facts: UserAgents.Facts) -> Verdict? {
        if visitor.isAhead { return Verdict(reason: .prefetch, agent: facts.browser ?? "") }
        if let machine = facts.machine { return Verdict(reason: .machine, agent: machine) }
        return nil
    }

    private func verdict(
        _ visitor: Visitor, _ facts: UserAgents.Facts, _ context: [String: JSONValue]
    ) -> Verdict? {
        if let verdict = verdict(visitor, facts) { return verdict }
        if context["webdriver"] == true { return Verdict(reason: .automation, agent: facts.browser ?? "") }
        let spam = lists.all.spamHosts
        if !spam.isEmpty, let referrer = context["page"]?["referrer"]?.stringValue,
            let host = Self.spamHost(referrer, spam)
        {
            return Verdict(reason: .spam, agent: host)
        }
        return nil
    }

    private func describe(
        _ context: inout [String: JSONValue], _ visitor: Visitor, _ facts: UserAgents.Facts, keepsAddress: Bool
    ) {
        if context["userAgent"] == nil, !visitor.userAgent.isEmpty { context["userAgent"] = .string(visitor.userAgent) }
        if keepsAddress, context["ip"] == nil, context["cookieless"] == nil, !visitor.address.isEmpty {
            context["ip"] = .string(visitor.address)
        }
        context["client"] = facts.json
        // What an SDK says itself stands. The address need not be kept for it.
        if context["location"] == nil { context["location"] = location(visitor.address) }
    }

    /// Where an address is used.
    func location(_ address: String) -> JSONValue? { regions?.region(of: address)?.json }

    /// The context was validated when it was collected.
    static func members(_ context: String) -> [String: JSONValue] {
        guard case .success(let tree) = Result(catching: { try JSONValue(parsing: context) }) else { return [:] }
        return tree.objectValue ?? [:]
    }

    private static func isAnonymous(_ event: IncomingEvent) -> Bool {
        !event.identities.contains { IdentityKind.named($0.kind)?.isKnown ?? false }
    }

    /// The listed host that this address belongs to.
    static func spamHost(_ address: String, _ hosts: Set<String>) -> String? {
        guard let scheme = address.range(of: "://") else { return nil }
        let host = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != ":" && $0 != "#" }
            .lowercased()
        var rest = Substring(host)
        while !rest.isEmpty {
            if hosts.contains(String(rest)) { return String(rest) }
            guard let point = rest.firstIndex(of: ".") else { return nil }
            rest = rest[rest.index(after: point)...]
        }
        return nil
    }

    // MARK: Counting

    func note(_ counts: [FilteredTraffic.Key: Int64]) {
        guard !counts.isEmpty else { return }
        state.withLock { state in
            for (key, hits) in counts where state.pending[key] != nil || state.pending.count < Self.pendingMax {
                state.pending[key, default: 0] += hits
            }
        }
    }

    /// Writes what was counted when the last time was a while ago, or at once.
    package func flush(now isDue: Bool = false) async {
        let now = platform.effects.now()
        let pending: [FilteredTraffic.Key: Int64] = state.withLock { state in
            let age = state.writtenAt.map { now.elapsedMilliseconds(since: $0) } ?? .max
            guard !state.pending.isEmpty, isDue || age > Self.flushMilliseconds else { return [:] }
            defer { state.pending = [:] }
            state.writtenAt = now
            return state.pending
        }
        guard !pending.isEmpty else { return }
        do {
            try await platform.store.write { try FilteredTraffic.add(pending, $0, at: now) }
        } catch {
            platform.logger.warning("Filtered traffic could not be counted", metadata: ["error": "\(error)"])
            note(pending)
        }
    }
}
