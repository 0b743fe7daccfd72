import Storage

/// One run of one handler beside its heartbeat.
struct JobRun: Sendable {
    let handler: JobHandler
    let context: JobContext

    enum Verdict: Sendable {
        case finished(String)
        case failed(any Error)
        /// The process stops; the job goes back as it was.
        case interrupted
        case cancelled
        case leaseLost
    }

    private enum Signal: Sendable {
        case handler(Verdict)
        case cancelRequested
        case leaseLost
        case stopped
    }

    /// Runs until the handler ends. A request to cancel, a lost lease and a stopping process cancel the handler's task.
    func verdict() async -> Verdict {
        if context.job.attempts > handler.attemptsMax {
            return .failed(JobFailure(code: "gave_up", message: "the job's process died \(handler.attemptsMax) times"))
        }
        return await withTaskGroup(of: Signal.self) { group in
            group.addTask { .handler(await runHandler()) }
            group.addTask { await heartbeat() }
            var reason: Signal?
            while let signal = await group.next() {
                switch signal {
                case .handler(let verdict):
                    group.cancelAll()
                    return Self.combine(verdict, stoppedBy: reason)
                case .cancelRequested, .leaseLost:
                    reason = signal
                    group.cancelAll()
                case .stopped:
                    continue
                }
            }
            return .interrupted
        }
    }

    private func runHandler() async -> Verdict {
        do {
            return .finished(try await handler.run(context))
        } catch JobError.leaseLost {
            return .leaseLost
        } catch {
            return Task.isCancelled ? .interrupted : .failed(error)
        }
    }

    /// Work that ended although it was asked to stop is done; work that stopped tells by whom.
    private static func combine(_ verdict: Verdict, stoppedBy reason: Signal?) -> Verdict {
        guard case .interrupted = verdict else { return verdict }
        switch reason {
        case .cancelRequested: return .cancelled
        case .leaseLost: return .leaseLost
        default: return .interrupted
        }
    }

    private func heartbeat() async -> Signal {
        let lease = context.lease
        let platform = context.platform
        while true {
            do {
                try await Task.sleep(for: .milliseconds(JobLimits.heartbeatMilliseconds))
                let now = platform.effects.now()
                let status = try await platform.store.write { try lease.renew($0, at: now) }
                if status == .cancelling { return .cancelRequested }
            } catch is CancellationError {
                return .stopped
            } catch JobError.leaseLost {
                return .leaseLost
            } catch {
                if Task.isCancelled { return .stopped }
                platform.logger.warning("lease not renewed", metadata: ["job": "\(lease.jobID)", "error": "\(error)"])
            }
        }
    }
}

extension JobRun.Verdict {
    /// The row's next state; nil when the job is no longer ours to end.
    func ending(of job: Job, handler: JobHandler, now: Timestamp, calendar: LocalCalendar) -> JobEnding? {
        let nextRound = handler.schedule?.next(after: now, calendar: calendar)
        func finished(_ status: JobStatus, _ result: String?) -> JobEnding {
            guard let nextRound else {
                return JobEnding(status: status, due: job.due, attempts: job.attempts, result: result)
            }
            return JobEnding(status: .waiting, due: nextRound, attempts: 0, result: result, isRound: true)
        }
        switch self {
        case .finished(let result):
            return finished(.done, result)
        case .cancelled:
            return finished(.cancelled, job.result)
        case .interrupted:
            // Not later than it was: the clock may go back before the next process takes it.
            return JobEnding(
                status: .waiting, due: min(job.due, now), attempts: job.attempts - 1, result: job.result)
        case .leaseLost:
            return nil
        case .failed(let error):
            let result = Self.document(of: error)
            if error is JobFailure || job.attempts >= handler.attemptsMax { return finished(.failed, result) }
            let wait = Self.backoff(afterAttempt: job.attempts)
            return JobEnding(
                status: .waiting, due: now.adding(milliseconds: wait), attempts: job.attempts, result: result)
        }
    }

    /// The latest moment for which a waiting job can be meant, when the clock has always been right; nil: any.
    static func latest(for job: Job, handler: JobHandler, now: Timestamp, calendar: LocalCalendar) -> Timestamp? {
        if job.attempts > 0 { return now.adding(milliseconds: backoff(afterAttempt: job.attempts)) }
        return handler.schedule?.next(after: now, calendar: calendar)
    }

    /// Exponential backoff: 5 s, 10 s, 20 s, … up to an hour.
    static func backoff(afterAttempt attempt: Int) -> Int64 {
        let doublings = min(max(attempt - 1, 0), 20)
        return min(JobLimits.backoffMilliseconds << Int64(doublings), JobLimits.backoffMaxMilliseconds)
    }

    private static func document(of error: any Error) -> String {
        let failure =
            error as? JobFailure
            ?? JobFailure(code: "error", message: String("\(error)".prefix(JobLimits.errorCharacters)))
        do {
            return try StoredDocument.text(["error": failure.message, "code": failure.code])
        } catch {
            return #"{"code":"error","error":"the error cannot be written as JSON"}"#
        }
    }
}
