extension JourneyDefinition {
    /// Everything that does not fit the workspace or cannot work, with the node it is at. Pure.
    package func issues(_ world: JourneyWorld) -> [JourneyIssue] {
        var issues: [JourneyIssue] = []
        func note(_ node: String, _ field: String, _ reason: CriteriaIssue.Reason) {
            guard issues.count < CriteriaLimits.issues else { return }
            issues.append(JourneyIssue(node, CriteriaIssue(field, reason)))
        }
        var seen: Set<String> = []
        visit { step, _ in
            if !seen.insert(step.id).inserted { note(step.id, "id", .twice(step.id)) }
            step.node.check(world, step) { note(step.id, $0, $1) }
            if let jump = step.node as? JumpNode, !has(jump.to) {
                issues.append(
                    JourneyIssue(
                        step.id, "to", "unknown_node", "没有节点“\(jump.to)”", "There is no node “\(jump.to)”"))
            }
        }
        if steps.isEmpty {
            issues.append(JourneyIssue("", "steps", "empty", "旅程还没有节点", "The journey has no nodes yet"))
        }
        for (node, path, criteria) in conditions {
            for issue in criteria.issues(world.criteria) {
                let rest = issue.path.dropFirst("where".count)
                note(node, path + rest, issue.reason)
            }
        }
        checkEntry(world, note)
        checkOutcomes(note)
        return issues + unreachable(steps) + (issues.isEmpty ? endless() : [])
    }

    private func has(_ id: String) -> Bool {
        var found = false
        visit { step, _ in found = found || step.id == id }
        return found
    }

    private func checkEntry(_ world: JourneyWorld, _ note: (String, String, CriteriaIssue.Reason) -> Void) {
        switch entry {
        case .segment(let id, _):
            if world.criteria.segments[id] == nil { note("", "entry.id", .unknownSegment(id)) }
        case .score(let model, _):
            if world.criteria.scores[model] == nil { note("", "entry.id", .unknownModel(model)) }
        case .tier(_, let to):
            for code in to where world.criteria.tiers[code] == nil {
                note("", "entry.to", .unknownChoice(code, allowed: world.criteria.tierOrder))
            }
        case .date(let trait, _, _, _):
            if world.criteria.traits[trait] == nil { note("", "entry.trait", .unknownTrait(trait)) }
        case .schedule:
            if criteria == nil { note("", "who", .missing("who")) }
        case .event, .stage, .reply, .request: break
        }
        guard case .perKey = reentry else { return }
        switch entry {
        case .event, .reply, .request: break
        default:
            note("", "reentry.kind", .told(chinese: "只有事件或请求才有业务键", english: "Only an event or a request brings a key"))
        }
    }

    private func checkOutcomes(_ note: (String, String, CriteriaIssue.Reason) -> Void) {
        visit { step, _ in
            var seen: Set<String> = []
            for path in step.paths {
                // An answer that is told apart by what came along may have several ways.
                let answer = path.answer.flatMap { $0.tests.isEmpty ? $0.word : nil }
                guard let told = path.outcome?.rawValue ?? answer else { continue }
                if !seen.insert(told).inserted { note(step.id, "paths", .twice(told)) }
            }
        }
    }

    /// Nodes that stand behind one from which nobody comes.
    private func unreachable(_ steps: [JourneyStep]) -> [JourneyIssue] {
        let targets = jumpTargets()
        var issues: [JourneyIssue] = []
        func walk(_ steps: [JourneyStep]) {
            for (index, step) in steps.enumerated() {
                if index > 0, neverGoesOn(steps[index - 1]), !targets.contains(step.id) {
                    issues.append(
                        JourneyIssue(
                            step.id, "", "unreachable", "没有人能走到这个节点", "Nobody can reach this node"))
                }
                for path in step.paths { walk(path.steps) }
                walk(step.otherwise)
            }
        }
        walk(steps)
        return issues
    }

    private func jumpTargets() -> Set<String> {
        var targets: Set<String> = []
        visit { step, _ in if let jump = step.node as? JumpNode { targets.insert(jump.to) } }
        return targets
    }

    private func neverGoesOn(_ step: JourneyStep) -> Bool {
        if step.node is ExitNode || step.node is JumpNode { return true }
        let fork = type(of: step.node).fork
        guard fork != .none else { return false }
        let ways = step.paths.map(\.steps) + (fork.hasOtherwise ? [step.otherwise] : [])
        return ways.allSatisfy { $0.last.map(neverGoesOn) ?? false }
    }

    /// Ways that come back to a node without time passing in between.
    private func endless() -> [JourneyIssue] {
        let map = JourneyMap(self)
        var cleared: Set<String> = []
        var issues: [JourneyIssue] = []
        func walk(_ id: String, _ way: [String]) {
            if way.contains(id) {
                issues.append(
                    JourneyIssue(
                        id, "to", "endless", "会不停地回到这个节点，中间没有等待",
                        "The way comes back to this node without any wait in between"))
                return
            }
            guard !cleared.contains(id), let step = map.steps[id] else { return }
            if !type(of: step.node).waits {
                for next in map.ways(from: step) { walk(next, way + [id]) }
            }
            cleared.insert(id)
        }
        for id in map.order where issues.isEmpty { walk(id, []) }
        return issues
    }
}

extension JourneyMap {
    /// Every node that may come after this one.
    func ways(from step: JourneyStep) -> [String] {
        if let jump = step.node as? JumpNode { return [jump.to] }
        if step.node is ExitNode { return [] }
        let fork = type(of: step.node).fork
        guard fork != .none else { return next[step.id].map { [$0] } ?? [] }
        let places: [Int?] = step.paths.indices.map { $0 } + (fork.hasOtherwise ? [nil] : [])
        return places.compactMap { target(of: step, path: $0) }
    }
}

extension JourneyDefinition {
    /// With the definitions of segments and tags in place of their names.
    func expanded(_ world: CriteriaWorld) -> JourneyDefinition {
        var copy = self
        copy.criteria = criteria?.expanded(world)
        copy.goal?.criteria = goal?.criteria?.expanded(world)
        copy.exit?.criteria = exit?.criteria?.expanded(world)
        copy.steps = Self.expanded(steps, world)
        return copy
    }

    private static func expanded(_ steps: [JourneyStep], _ world: CriteriaWorld) -> [JourneyStep] {
        steps.map { step in
            var step = step
            for index in step.paths.indices {
                step.paths[index].criteria = step.paths[index].criteria?.expanded(world)
                step.paths[index].steps = expanded(step.paths[index].steps, world)
            }
            step.otherwise = expanded(step.otherwise, world)
            return step
        }
    }

    /// What has to be known of people: `WaitDate` asks for a trait, conditions for anything.
    var asksFacts: Bool {
        var asks = needsFacts
        visit { step, _ in asks = asks || step.node is WaitDateNode }
        return asks
    }
}
