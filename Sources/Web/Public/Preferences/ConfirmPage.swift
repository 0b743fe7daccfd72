import Engine
import HTTPTypes
import Hummingbird
import Storage

/// What somebody is asked to agree to, by the link of a letter.
struct ConfirmModel: PageModel {
    var action: String
    var text: String
    var isDone: Bool
}

/// Where the link of a confirmation letter leads (`/confirm/TOKEN`). A GET shows and changes nothing, as programs that look
/// at mail open links; a POST agrees.
enum ConfirmPage {
    static func show(_ visit: Visit) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let wording = try visit.wording(nil, workspace)
        guard let found = try await find(visit) else { return gone(visit, wording, workspace, isLapsed: false) }
        let now = visit.console.platform.effects.now()
        switch found.state {
        case .confirmed: return page(visit, found, wording, workspace, isDone: true)
        case .pending where found.expiresAt > now: return page(visit, found, wording, workspace, isDone: false)
        case .pending, .expired, .withdrawn: return gone(visit, wording, workspace, isLapsed: true)
        }
    }

    static func agree(_ visit: Visit) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let wording = try visit.wording(nil, workspace)
        guard let found = try await find(visit) else { return gone(visit, wording, workspace, isLapsed: false) }
        let (effects, place) = (visit.console.platform.effects, visit.address)
        let words = wording.text("preference.confirm_text", ["brand": workspace.name, "address": found.address])
        do {
            let confirmed = try await visit.console.platform.store.write {
                try OptIns.confirm(found.id, from: "\(place) · \(words)", effects, $0)
            }
            return page(visit, confirmed, wording, workspace, isDone: true)
        } catch is OptInError {
            return gone(visit, wording, workspace, isLapsed: true)
        }
    }

    private static func find(_ visit: Visit) async throws -> OptIn? {
        let (platform, token) = (visit.console.platform, visit.parameters["token"] ?? "")
        return try await platform.store.read { connection in
            do {
                guard let links = try MessageLinks.standing(address: "", platform.seal, connection) else { return nil }
                let read = try links.read(token)
                return read.kind == .confirm ? try OptIns.get(read.message, connection) : nil
            } catch MessageError.badLink {
                return nil
            } catch OptInError.notFound {
                return nil
            }
        }
    }

    private static func page(
        _ visit: Visit, _ optIn: OptIn, _ wording: Wording, _ workspace: Workspace, isDone: Bool
    ) -> Response {
        let model = ConfirmModel(
            action: "/confirm/\(visit.parameters["token"] ?? "")",
            text: wording.text("preference.confirm_text", ["brand": workspace.name, "address": optIn.address]),
            isDone: isDone)
        return visit.page(
            "public/confirm", title: wording.text("preference.confirm_title"), model: model, wording: wording,
            workspace: workspace)
    }

    private static func gone(
        _ visit: Visit, _ wording: Wording, _ workspace: Workspace, isLapsed: Bool
    ) -> Response {
        visit.page(
            isLapsed ? "public/lapsed" : "public/gone", title: wording.text("preference.confirm_title"),
            model: NoPreferenceModel(), wording: wording, workspace: workspace, status: isLapsed ? .gone : .notFound)
    }
}
