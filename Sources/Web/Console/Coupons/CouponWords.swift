import Engine

/// Coupons in words of the console.
enum CouponWords {
    /// The last day on which it can be used; with the time where that day is cut short.
    static func until(_ moment: Timestamp?, _ request: PageRequest) -> String {
        guard let moment else { return request.text("coupon.no_end") }
        let (wording, last) = (request.wording, moment.adding(milliseconds: -1))
        return wording.date(last) == wording.date(moment) ? wording.dateTime(moment) : wording.date(last)
    }

    static func tone(_ status: CouponStatus) -> String {
        switch status {
        case .active: "chip-good"
        case .paused: "chip-warn"
        case .ended: ""
        }
    }

    static func tone(_ state: Coupon.State) -> String {
        switch state {
        case .issued: "chip-info"
        case .locked: "chip-warn"
        case .redeemed: "chip-good"
        case .expired, .voided: ""
        }
    }

    static func printing(_ request: PageRequest, _ names: CouponPrint.Names) -> CouponPrint {
        CouponPrint(CriteriaLanguage(request.wording.language), request.workspace.calendar, names)
    }

    /// Why something was not done.
    static func problem(_ error: CouponError, _ request: PageRequest) -> String {
        switch error {
        case .invalid(let field, _):
            let name = request.wording.known("coupon.field_\(field.split(separator: ".").first ?? "")") ?? field
            return request.text("coupon.problem_field", ["field": name])
        case .name: return request.text("coupon.problem_name")
        case .nameTaken: return request.text("coupon.problem_name_taken")
        case .inUse: return request.text("coupon.problem_in_use")
        case .usedBy(let uses): return SegmentPage.inUse(uses, request)
        case .definitionEnded: return request.text("coupon.problem_not_active")
        case .pattern, .code: return request.text("coupon.problem_pattern")
        case .codeTaken: return request.text("coupon.problem_code_taken")
        case .guessable: return request.text("coupon.problem_guessable")
        case .tooMany(_, let limit):
            return request.text("coupon.problem_too_many", ["limit": request.wording.number(limit)])
        case .issueLimit(let most):
            return request.text("coupon.problem_issue_limit", ["limit": request.wording.number(most)])
        case .personIssueLimit(let most):
            return request.text("coupon.problem_person_limit", ["limit": request.wording.number(most)])
        case .cart: return request.text("coupon.problem_cart")
        case .notVoidable: return request.text("coupon.problem_not_voidable")
        case .throttled(let seconds):
            return request.text("coupon.problem_throttled", ["seconds": request.wording.number(seconds)])
        default: return request.text("coupon.problem_other")
        }
    }

    /// Runs a handler's engine call; what is not there is a page that is not there.
    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch CouponError.definitionNotFound {
            throw PageFailure.notFound
        } catch CouponError.batchNotFound {
            throw PageFailure.notFound
        } catch CouponError.couponNotFound {
            throw PageFailure.notFound
        } catch is ProfileError {
            throw PageFailure.notFound
        }
    }
}

/// What is printed on a coupon.
struct CouponPrintModel: Encodable, Sendable {
    var headline: String
    var lines: [String]

    init(
        _ rule: CouponRule, _ language: CriteriaLanguage, _ request: PageRequest, _ names: CouponPrint.Names,
        span: (from: Timestamp, until: Timestamp?)? = nil
    ) {
        let print = CouponPrint(language, request.workspace.calendar, names)
        headline = print.headline(rule)
        lines = print.text(rule, span: span)
    }
}
