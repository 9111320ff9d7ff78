extension World {
    /// What each parcel will be answered; the model lives through it.
    func foretell(_ parcels: [Parcel], _ manner: Manner, _ armed: Armed?) throws -> [String] {
        var armed = armed
        var answers: [String] = []
        switch manner {
        case .single, .together:
            for group in groups(parcels) { answers += try foretell(group, &armed) }
            if let failure = answers.first(where: { $0.hasPrefix("failed") }) {
                // The call fails as a whole, whatever became of its parts.
                answers = answers.map { _ in failure }
            }
        case .inFlight:
            let queued = admitted(parcels.dropFirst())
            answers = try foretell([parcels[0]], &armed)
            var rest: [String] = []
            for group in groups(queued.compactMap { $0 }) { rest += try foretell(group, &armed) }
            var next = rest.makeIterator()
            answers += queued.map { $0 == nil ? AnswerText.busy : next.next() ?? "none" }
        }
        return answers
    }

    /// What another node that has just started will be answered.
    func foretellFresh(_ parcel: Parcel) -> [String] {
        verdicts([parcel])
    }

    /// Parcels that are recorded under one sync.
    private func groups(_ parcels: [Parcel]) -> [[Parcel]] {
        var groups: [[Parcel]] = []
        var count = 0
        for parcel in parcels {
            count += parcel.drafts.count
            if groups.isEmpty || count > habits.eventsPerCommit {
                groups.append([])
                count = parcel.drafts.count
            }
            groups[groups.count - 1].append(parcel)
        }
        return groups
    }

    /// Who is queued while the lead is held; nil for those that are sent away.
    private func admitted(_ parcels: ArraySlice<Parcel>) -> [Parcel?] {
        var (waiting, events) = (0, 0)
        return parcels.map { parcel in
            let isTooMuch = events + parcel.drafts.count > habits.waitingMax
            if isTooMuch, waiting > 0 { return nil }
            (waiting, events) = (waiting + 1, events + parcel.drafts.count)
            return parcel
        }
    }

    private func foretell(_ group: [Parcel], _ armed: inout Armed?) throws -> [String] {
        func all(_ code: String) -> [String] { group.map { _ in AnswerText.failed(code) } }
        if let stopCode { return all(stopCode) }
        if case .above(.lead) = armed {
            armed = nil
            return all("unavailable")
        }
        guard clockGuard.passes(clock) else { return all("unavailable") }
        if case .above(.look) = armed {
            armed = nil
            return all("unavailable")
        }
        let (before, published) = (model.records.count, model.published)
        let answers = verdicts(group)
        guard let fault = armed else { return answers }
        let code: String?
        if model.records.count > before {
            if case .above(.checkpoint) = fault { return answers }
            code = try suffer(fault, from: before, published)
        } else {
            guard answers.contains(where: { $0.hasPrefix("accepted") }),
                let failure = sufferUnchanged(fault, published)
            else { return answers }
            code = failure
        }
        armed = nil
        return code.map(all) ?? answers
    }

    /// Decides the parcels one after another.
    private func verdicts(_ group: [Parcel]) -> [String] {
        let verdicts = group.map {
            model.decide($0.drafts, recorder: $0.recorder, at: clock.wall)
        }
        let size = model.records.count
        return verdicts.map { verdict in
            switch verdict {
            case .refused(let events): return AnswerText.refused(events)
            case .accepted(let places):
                model.published = size
                return AnswerText.accepted(places, size: size)
            }
        }
    }
}
