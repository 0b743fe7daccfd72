import Engine
import Hummingbird
import Storage

extension Problem {
    /// The problem that an error of the engine is to a caller; nil for a fault of ours.
    package init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as StorageError:
            guard let problem = Problem.storage(error) else { return nil }
            self = problem
        case is IngestError: self = .unavailable("Too many events are waiting to be written. Try again in a moment.")
        case let error as SourceError: self = .source(error)
        case let error as ChannelCodeError: self = .channelCode(error)
        case let error as APIKeyError: self = .apiKey(error)
        case let error as ProfileError:
            guard let problem = Problem.profile(error) else { return nil }
            self = problem
        case let error as OrderError: self = .order(error)
        case let error as ImportError: self = .import(error)
        case let error as ViewError: self = .view(error)
        case let error as ExportError: self = .export(error)
        case let error as SegmentError: self = .segment(error)
        case let error as ScoreError: self = .score(error)
        case let error as WebhookError: self = .webhook(error)
        case let error as TemplateError: self = .template(error)
        case let error as LiquidError: self = .liquid("", error)
        case let error as MessageError: self = .message(error)
        case let error as EmailError: self = .email(error)
        case let error as ProviderError: self = .provider(error)
        case let error as BroadcastError: self = .broadcast(error)
        case let error as JourneyError: self = .journey(error)
        case let error as StaffTaskError: self = .staffTask(error)
        case let error as ReachError: self = .reach(error)
        case let error as TagError: self = .tag(error)
        case let error as PointsError:
            guard let problem = Problem.points(error) else { return nil }
            self = problem
        case let error as PoolError: self = .pool(error)
        case let error as ApprovalError: self = .approval(error)
        case let error as RewardError: self = .reward(error)
        case let error as DormantError: self = .dormant(error)
        case let error as ProgramError: self = .program(error)
        case let error as CouponError: self = .coupon(error)
        case let error as TillError: self = .till(error)
        case let error as TierError: self = .tier(error)
        case let error as BenefitError: self = .benefit(error)
        case let error as CentreError: self = .centre(error)
        case let error as ExperimentError: self = .experiment(error)
        case let error as CriteriaError: self = .criteria(error)
        case let error as ReportError: self = .report(error)
        case let error as DashboardError: self = .dashboard(error)
        case let error as HeatmapPictureError: self = .heatmapPicture(error)
        case is RFMError:
            self = Problem(.unprocessableContent, "bad_rfm_settings", "The RFM settings cannot be used.")
        case is CatalogueError:
            self = Problem(.unprocessableContent, "bad_name", "A name in the catalogue has 1 to 200 bytes.")
        case let error as QuarantineError: self = .quarantine(error)
        case let failure as CollectFailure: self = Problem(failure.status, failure.code, failure.message)
        case let error as JobError:
            guard case .notFound = error else { return nil }
            self = .notFound("job")
        case let error as HTTPError:
            self = Problem(error.status, "http_\(error.status.code)", error.body ?? error.status.reasonPhrase)
        default: return nil
        }
    }

    /// Which problem a store has, without its statements and addresses.
    private static func storage(_ error: StorageError) -> Problem? {
        switch error {
        case .unavailable: return .unavailable("The store cannot be reached. Nothing was changed; try again.")
        case .cannotWrite:
            return Problem(
                .init(code: 507, reasonPhrase: "Insufficient Storage"), "store_full",
                "The store cannot be written to (full disk or read-only). Nothing was changed.",
                headers: [.retryAfter: "30"])
        case .timedOut(let seconds):
            return Problem(
                .serviceUnavailable, "timed_out", "The store did not answer within \(Int(seconds)) seconds.",
                headers: [.retryAfter: "5"])
        default: return nil
        }
    }

    private static func source(_ error: SourceError) -> Problem {
        switch error {
        case .badName:
            return Problem(
                .unprocessableContent, "bad_name", "A source's name has 1 to \(SourceLimits.nameCharacters) characters."
            )
        case .unknownKind(let kind):
            return Problem(.unprocessableContent, "unknown_kind", "“\(kind)” is no kind of source.")
        case .notFound: return .notFound("source")
        case .archived: return Problem(.conflict, "source_archived", "The source is archived and takes no new keys.")
        case .unknownWriteKey: return .notFound("write key")
        case .tooManyKeys:
            return Problem(
                .conflict, "too_many_keys", "A source has at most \(SourceLimits.liveKeys) live keys. Revoke one first."
            )
        }
    }

    private static func profile(_ error: ProfileError) -> Problem? {
        switch error {
        case .notFound: return .notFound("profile")
        case .unreadableState: return nil
        case .badCursor: return .badCursor
        case .mergeNotFound: return .notFound("merge that could be undone")
        case .mergeIsBuriedUnder(let id):
            return Problem(
                .conflict, "merge_buried", "A later merge, into profile \(id), must be undone first.")
        case .erased: return Problem(.conflict, "profile_erased", "The person was erased.")
        case .unlinkNotFound: return .notFound("unlink that could be undone")
        case .identityTaken:
            return Problem(
                .conflict, "identity_taken", "Somebody else has the identity by now; merge the two people instead.")
        case .sameProfile: return Problem(.conflict, "same_profile", "The two profiles are one already.")
        }
    }

    private static func `import`(_ error: ImportError) -> Problem {
        switch error {
        case .notFound: return .notFound("import")
        case .wrongStatus: return Problem(.conflict, error.code, "\(error)")
        case .uploadTooLarge: return Problem(.contentTooLarge, error.code, "\(error)")
        case .cannotWrite, .cannotOpen, .cannotRead:
            return Problem(
                .init(code: 507, reasonPhrase: "Insufficient Storage"), error.code, "The file cannot be kept or read.")
        default: return Problem(.unprocessableContent, error.code, "\(error)")
        }
    }

    private static func order(_ error: OrderError) -> Problem {
        switch error {
        case .notFound: return .notFound("order")
        case .badCursor: return .badCursor
        }
    }

    static let badCursor = Problem(
        .badRequest, "bad_cursor", "The cursor is not one that this list gave out.",
        flaws: [Flaw("query.cursor", "is not a cursor")])

    private static func quarantine(_ error: QuarantineError) -> Problem {
        switch error {
        case .notFound: return .notFound("quarantined item")
        case .notWaiting(_, let status):
            return Problem(.conflict, "not_waiting", "The item was \(status.rawValue) before.")
        case .stillBad(let reason, let explanation):
            return Problem(.unprocessableContent, "still_" + reason.rawValue, explanation)
        }
    }

    private static func apiKey(_ error: APIKeyError) -> Problem {
        switch error {
        case .badName:
            return Problem(
                .unprocessableContent, "bad_name", "A key's name has 1 to \(APIKeys.nameCharacters) characters.")
        case .noScopes: return Problem(.unprocessableContent, "no_scopes", "A key needs at least one scope.")
        case .notFound: return .notFound("API key")
        }
    }
}
