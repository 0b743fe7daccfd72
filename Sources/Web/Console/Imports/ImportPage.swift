import Engine
import Foundation
import Storage

/// One import: while it waits for its mapping, and while and after it runs.
enum ImportPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let record = try await record(request)
        if record.status == .uploaded {
            return try mapping(record, record.options, request, problem: nil)
        }
        return .page(
            Page(
                "imports/run", title: record.fileName, crumbs: crumbs(request),
                model: ImportRunModel(record, request)))
    }

    /// Looks at the file again with other choices; a piece of the mapping page.
    static func preview(_ request: PageRequest) async throws -> Reply {
        let record = try await record(request)
        let options = try await ImportForm.options(request, record.options)
        do {
            let plan = try Imports.plan(record, options: options, now: request.now)
            return .panel(template: "imports/plan", model: ImportPlanModel(record, plan, options, request))
        } catch {
            return .panel(
                template: "imports/unreadable",
                model: UnreadableModel(message: ImportText.say(error.code, error.description, request)))
        }
    }

    static func start(_ request: PageRequest) async throws -> Reply {
        let record = try await record(request)
        let options = try await ImportForm.options(request, record.options)
        let (actor, user, effects, id) = (request.actor, request.user.id, request.platform.effects, record.id)
        do {
            let plan = try Imports.plan(record, options: options, now: request.now)
            guard let resolved = plan.resolved else {
                return try mapping(record, options, request, problem: request.text("imports.not_ready"))
            }
            let source = request.text("imports.source_name")
            try await request.platform.store.write { connection in
                try Imports.start(
                    id, plan: resolved, sourceName: source, by: actor, user: user, connection, effects)
                try AuditLog.append(
                    actor: actor, action: "import.start", subject: "import:\(id)", detail: record.fileName,
                    connection, at: effects.now())
            }
        } catch ImportError.wrongStatus {
            return .redirect(to: "/imports/\(id)")
        } catch let error as ImportError {
            return try mapping(
                record, options, request, problem: ImportText.say(error.code, error.description, request))
        }
        return .redirect(to: "/imports/\(id)", notice: "imports.started")
    }

    static func progress(_ request: PageRequest) async throws -> Reply {
        .panel(template: "imports/progress", model: ImportRunModel(try await record(request), request))
    }

    static func cancel(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("import")
        let effects = request.platform.effects
        do {
            try await request.platform.store.write { _ = try Imports.cancel(id, $0, effects) }
        } catch ImportError.notFound {
            throw PageFailure.notFound
        }
        return .redirect(to: "/imports/\(id)", notice: "imports.cancelled")
    }

    /// The same file once more, with the same choices, to be looked at before it starts.
    static func again(_ request: PageRequest) async throws -> Reply {
        let record = try await record(request)
        let (user, effects) = (request.user.id, request.platform.effects)
        let id = effects.newID()
        do {
            try await request.platform.store.write { connection in
                _ = try Imports.register(
                    path: record.filePath, name: record.fileName, isUpload: false, options: record.decidedOptions,
                    errorsPath: record.filePath + ".\(id).errors.csv", by: user, id: id, connection, effects)
            }
        } catch is ImportError {
            return .redirect(to: "/imports?like=\(record.id)", notice: "imports.file_gone")
        }
        return .redirect(to: "/imports/\(id)")
    }

    /// The rows that were refused, with line numbers and reasons.
    static func errors(_ request: PageRequest) async throws -> Reply {
        let record = try await record(request)
        guard record.progress.refused > 0, FileManager.default.fileExists(atPath: record.errorsPath) else {
            throw PageFailure.notFound
        }
        return .file(
            name: record.fileName + ".errors.csv", type: "text/csv; charset=utf-8", path: record.errorsPath)
    }

    private static func record(_ request: PageRequest) async throws -> ImportRecord {
        let id = try request.id("import")
        do {
            return try await request.platform.store.read { try Imports.get(id, $0) }
        } catch ImportError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func mapping(
        _ record: ImportRecord, _ options: ImportOptions, _ request: PageRequest, problem: String?
    ) throws -> Reply {
        do {
            let plan = try Imports.plan(record, options: options, now: request.now)
            var model = ImportPlanModel(record, plan, options, request)
            model.problem = problem
            return .page(
                Page(
                    "imports/mapping", title: record.fileName, crumbs: crumbs(request), model: model,
                    status: problem == nil ? .ok : .unprocessableContent))
        } catch {
            let model = UnreadableModel(message: ImportText.say(error.code, error.description, request))
            return .page(
                Page(
                    "imports/broken", title: record.fileName, crumbs: crumbs(request), model: model,
                    status: .unprocessableContent))
        }
    }

    private static func crumbs(_ request: PageRequest) -> [Crumb] {
        [Crumb(request.text("imports.title"), "/imports")]
    }
}

/// A file that cannot be read as a table at all.
struct UnreadableModel: PageModel {
    var message: String
}
