import Engine

extension CollectedBatch {
    /// With the events that servers sent on somebody's behalf placed by the address that they tell (`context.ip`). What an
    /// SDK says itself stands.
    func placed(by regions: RegionFile?) -> CollectedBatch {
        guard let regions else { return self }
        var batch = self
        for index in events.indices where events[index].context.contains("\"ip\"") {
            var context = TrafficFilter.members(events[index].context)
            guard context["location"] == nil, let address = context["ip"]?.stringValue,
                let region = regions.region(of: address)
            else { continue }
            context["location"] = region.json
            batch.events[index].context = JSONValue.object(context).text()
        }
        return batch
    }
}
